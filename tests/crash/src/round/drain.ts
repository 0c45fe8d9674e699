import { setTimeout as delay } from 'node:timers/promises';
import { nextOffsets } from '../system/next-offsets.ts';
import { readTopics } from '../system/read-generations.ts';
import { readEnds, type System } from '../system/system.ts';

const POLL_MS = 200;
/** What a look and the wait for the next one take where nothing else runs on the machine. */
const TURN_MS = 250;
const LONGEST = 3;

/**
 * Waits until every record, of jobs too, is below the stored offset, and no lane, command or effect is left; false: not
 * within the time. That is counted in looks as well: on a busy machine these take longer, as does all that is waited for,
 * and the time is three times as long at the most.
 */
export async function untilDrained(system: System, timeoutMs: number): Promise<boolean> {
  const begun = performance.now();
  for (let looks = 1; ; looks += 1) {
    // A server that has just been started again may break a connection or two.
    if (await isDrained(system).catch(() => false)) return true;
    const passedMs = performance.now() - begun;
    if (passedMs > LONGEST * timeoutMs || (passedMs > timeoutMs && looks * TURN_MS > timeoutMs)) return false;
    await delay(POLL_MS);
  }
}

async function isDrained(system: System): Promise<boolean> {
  const { database } = system;
  const { rows: lanes } = await database.query<{ open: number }>(
    `select count(*)::integer as open from hookline.lanes where state <> 'held'`,
  );
  if ((lanes[0]?.open ?? 0) > 0) return false;
  const { rows: commands } = await database.query<{ open: number }>(
    'select count(*)::integer as open from hookline.control_commands where outcome is null',
  );
  if ((commands[0]?.open ?? 0) > 0) return false;
  const { rows: effects } = await database.query<{ open: number }>(
    `select count(*)::integer as open from hookline.outbox where state <> 'dead'`,
  );
  if ((effects[0]?.open ?? 0) > 0) return false;
  for (const { topic, ends } of await readTopics(database)) {
    const next = new Map(await nextOffsets({ database, topic }));
    // Behind the recorded ends are marks only, which nobody reads.
    const due = ends ?? (await readEnds({ ...system, topic }));
    if (![...due.entries()].every(([partition, end]) => (next.get(partition) ?? 0n) >= end)) return false;
  }
  return true;
}
