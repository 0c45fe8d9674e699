import { setTimeout as delay } from 'node:timers/promises';
import { readEnds, type System } from '../system/system.ts';

const POLL_MS = 200;

/** Waits until every record is below the stored offset and no lane is left to drain; false: not within the time. */
export async function untilDrained(system: System, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    // A server that has just been started again may break a connection or two.
    if (await isDrained(system).catch(() => false)) return true;
    await delay(POLL_MS);
  }
  return false;
}

async function isDrained(system: System): Promise<boolean> {
  const { database, topic } = system;
  const { rows } = await database.query<{ partition: number; next_offset: string }>(
    `select kafka_partition as partition, next_offset from hookline.partition_offsets where topic = $1`,
    [topic],
  );
  const { rows: lanes } = await database.query<{ open: number }>(
    `select count(*)::integer as open from hookline.lanes where topic = $1 and state <> 'held'`,
    [topic],
  );
  if ((lanes[0]?.open ?? 0) > 0) return false;
  const next = new Map(rows.map((row) => [row.partition, BigInt(row.next_offset)]));
  return [...(await readEnds(system))].every(([partition, end]) => (next.get(partition) ?? 0n) >= end);
}
