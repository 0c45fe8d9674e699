import { recordProblem } from '@hookline/contracts';
import type { ReadRecord, SchemaRegistry } from '@hookline/kafka';
import type { DeliveryRecord } from '../slice/record.ts';

export interface DecodedSlice {
  records: DeliveryRecord[];
  /** The first record that cannot be decoded; `records` ends before it. */
  undecodable: { record: ReadRecord; detail: string } | null;
}

/**
 * Decodes records up to the first that is none of ours, or that ingest cannot have written. Without a call to the
 * registry where every schema is known.
 *
 * @param partitions recorded number of partitions of the topic
 *
 * @throws {HooklineError} REGISTRY_UNAVAILABLE: nothing is known about a record yet; ask again later
 */
export async function decodeSlice(
  registry: Pick<SchemaRegistry, 'decode' | 'decodeCached'>,
  read: readonly ReadRecord[],
  partitions: number,
): Promise<DecodedSlice> {
  const records: DeliveryRecord[] = [];
  for (const record of read) {
    const decoded = registry.decodeCached(record.value) ?? (await registry.decode(record.value));
    if (!decoded.success) return { records, undecodable: { record, detail: decoded.detail } };
    const { partition, offset, time, key } = record;
    const problem = recordProblem(decoded.delivery, { key, partition, partitions });
    if (problem !== null) return { records, undecodable: { record, detail: problem } };
    records.push({ partition, offset, time, orderingKey: key as string, delivery: decoded.delivery });
  }
  return { records, undecodable: null };
}
