import { isUtf8 } from 'node:buffer';
import {
  CONTROL_SCHEMA_NAME,
  isEndMark,
  partitionOf,
  readControl,
  recordProblem,
  validTraceparent,
  type Control,
  type Delivery,
} from '@hookline/contracts';
import type { ReadRecord, SchemaRegistry } from '@hookline/kafka';
import { rawDigest, type ControlRecord, type LogRecord, type UndecodableRecord } from '../slice/record.ts';

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
  if (record.key !== null && !isUtf8(record.key)) return undecodable(record, 'The key is no UTF-8.');
  const key = record.key?.toString('utf8') ?? null;
  if (decoded.kind === CONTROL_SCHEMA_NAME) return controlRecord(record, key, decoded.control, partitions);
  const problem = recordProblem(decoded.delivery, { key, partition, partitions });
  if (problem !== null) return undecodable(record, problem);
  return {
    partition,
    offset,
    time,
    orderingKey: key as string,
    delivery: traced(decoded.delivery, record.traceparent),
  };
}

/**
 * Its trace goes on wherever it waits, and with its effects; from here on the header is a valid one. The delivery has just
 * been decoded, and is nobody else's yet.
 */
function traced(delivery: Delivery, header: string | undefined): Delivery {
  const traceparent = validTraceparent(header);
  if (traceparent !== undefined) delivery.headers['traceparent'] = traceparent;
  else delete delivery.headers['traceparent'];
  return delivery;
}

function controlRecord(
  { partition, offset, time, value }: ReadRecord,
  key: string | null,
  control: Control,
  partitions: number,
): ControlRecord {
  const read = readControl(control);
  const problem = read.success ? misplaced(control, key, partition, partitions) : read.problem;
  const order = read.success && problem === null ? read.order : null;
  return { partition, offset, time, delivery: null, control, order, detail: problem, digest: rawDigest(value) };
}

/** Elsewhere a command would not be in order with what it is about, nor under the fence that guards it. */
function misplaced({ orderingKey }: Control, key: string | null, partition: number, partitions: number): string | null {
  if (orderingKey !== key) return `Its key is ${JSON.stringify(key)}, and not that of what it is about.`;
  return key !== null && partitionOf(key, partitions) !== partition ? 'Its key belongs to another partition.' : null;
}

function undecodable({ partition, offset, time, key, value }: ReadRecord, detail: string): UndecodableRecord {
  return { partition, offset, time, delivery: null, raw: { key, value }, detail };
}
