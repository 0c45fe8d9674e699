import type { LastRecord } from '@hookline/database';
import type { ReadRecord } from '@hookline/kafka';
import type { DecodedSlice } from '../partition/decode-slice.ts';
import { rawDigest, witnessDigest } from '../slice/record.ts';

/**
 * Whether the record that was read where the last processed one must be is that one: the same payload, appended at
 * the same time. Null: it is; else what differs.
 */
export function checkWitness(
  witness: LastRecord,
  read: ReadRecord,
  { records: [record] }: DecodedSlice,
): string | null {
  if (read.time !== witness.time) {
    const [was, is] = [witness.time, read.time].map((time) => new Date(time).toISOString());
    return `The last record that was processed had been appended at ${was}, the one there now at ${is}.`;
  }
  // What could not be decoded then is known by its bytes, although it may be decodable by now.
  const digests = [rawDigest(read.value), ...(record ? [witnessDigest(record)] : [])];
  if (digests.some((digest) => digest.equals(witness.digest))) return null;
  return 'The last record that was processed had another payload.';
}
