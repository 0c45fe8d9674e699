import type { LastRecord } from '@hookline/database';
import type { ReadRecord } from '@hookline/kafka';
import type { DecodedSlice } from '../partition/decode-slice.ts';

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
  if (!record?.delivery.digest.equals(witness.digest)) return 'The last record that was processed had another payload.';
  return null;
}
