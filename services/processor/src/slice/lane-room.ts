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

/** Whether a lane, which may not be open yet, takes so many bytes more. Pure. */
export function hasRoom(
  bytes: number,
  lane: { records: number; bytes: number } | undefined,
  totalBytes: number,
  { keyBytes, totalBytes: most }: LaneLimits,
): boolean {
  if (lane && lane.records > 0 && lane.bytes + bytes > keyBytes) return false;
  return totalBytes === 0 || totalBytes + bytes <= most;
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
    const lane = byKey.get(record.orderingKey);
    if (!hasRoom(size, lane, totalBytes, limits)) return i;
    byKey.set(record.orderingKey, { records: (lane?.records ?? 0) + 1, bytes: (lane?.bytes ?? 0) + size });
    totalBytes += size;
  }
  return records.length;
}
