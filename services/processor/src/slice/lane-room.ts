import { isDelivery, type LogRecord } from './record.ts';

/** Bounds of what waits, in bytes as stored. */
export interface LaneLimits {
  /** Of one key. A lane with nothing in it takes one record, however large. */
  keyBytes: number;
  /** Of all lanes of the group and topic. Partitions look for themselves, so that it can be passed by a slice of each. */
  totalBytes: number;
}

/** What waits already, in records and bytes as stored. */
export interface LaneFill {
  byKey: ReadonlyMap<string, { records: number; bytes: number }>;
  totalBytes: number;
}

/**
 * How many of the records, from the first on, can be decided: the next one would wait in a lane, and there is no room. Pure.
 *
 * @param bytes what each record takes in its lane; 0: it does not go there
 */
export function countFitting(
  records: readonly LogRecord[],
  bytes: readonly number[],
  fill: LaneFill,
  limits: LaneLimits,
): number {
  const byKey = new Map(fill.byKey);
  let { totalBytes } = fill;
  for (const [i, record] of records.entries()) {
    const size = bytes[i] as number;
    if (size === 0 || !isDelivery(record)) continue;
    const lane = byKey.get(record.orderingKey) ?? { records: 0, bytes: 0 };
    if (lane.records > 0 && lane.bytes + size > limits.keyBytes) return i;
    if (totalBytes > 0 && totalBytes + size > limits.totalBytes) return i;
    byKey.set(record.orderingKey, { records: lane.records + 1, bytes: lane.bytes + size });
    totalBytes += size;
  }
  return records.length;
}
