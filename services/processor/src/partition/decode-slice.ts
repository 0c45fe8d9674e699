import { isUtf8 } from 'node:buffer';
import { DELIVERY_SCHEMA_NAME, isEndMark, recordProblem } from '@hookline/contracts';
import type { ReadRecord, SchemaRegistry } from '@hookline/kafka';
import type { LogRecord, UndecodableRecord } from '../slice/record.ts';

export interface DecodedSlice {
  /** In log order, from the first on; what is no delivery is among them. */
  records: readonly LogRecord[];
  /** Why no more could be decoded now; null: all of them were. What is decoded need not wait for it. */
  waitsFor: { error: unknown } | null;
}

/**
 * Decodes records, in order, up to the first of which nothing is known yet because the registry is away. What ingest
 * cannot have written is no delivery. Without a call to the registry where every schema is known; never rejects.
 *
 * @param partitions recorded number of partitions of the topic
 */
export async function decodeSlice(
  registry: Pick<SchemaRegistry, 'decode' | 'decodeCached'>,
  read: readonly ReadRecord[],
  partitions: number,
): Promise<DecodedSlice> {
  const records: LogRecord[] = [];
  for (const record of read) {
    try {
      const decoded = registry.decodeCached(record.value) ?? (await registry.decode(record.value));
      records.push(recordOf(record, decoded, partitions));
    } catch (error) {
      return { records, waitsFor: { error } };
    }
  }
  return { records, waitsFor: null };
}

function recordOf(
  record: ReadRecord,
  decoded: Awaited<ReturnType<SchemaRegistry['decode']>>,
  partitions: number,
): LogRecord {
  const { partition, offset, time } = record;
  if (isEndMark(record.value)) return { ...undecodable(record, 'The topic generation ends.'), isEndMark: true };
  if (!decoded.success) return undecodable(record, decoded.detail);
  if (decoded.kind !== DELIVERY_SCHEMA_NAME) return undecodable(record, `It is a ${decoded.kind}, and no delivery.`);
  if (record.key !== null && !isUtf8(record.key)) return undecodable(record, 'The key is no UTF-8.');
  const key = record.key?.toString('utf8') ?? null;
  const problem = recordProblem(decoded.delivery, { key, partition, partitions });
  if (problem !== null) return undecodable(record, problem);
  return { partition, offset, time, orderingKey: key as string, delivery: decoded.delivery };
}

function undecodable({ partition, offset, time, key, value }: ReadRecord, detail: string): UndecodableRecord {
  return { partition, offset, time, delivery: null, raw: { key, value }, detail };
}
