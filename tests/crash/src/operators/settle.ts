import { listLanes } from '@hookline/database';
import { insist } from '../faults/insist.ts';
import type { System } from '../system/system.ts';
import type { Book } from './book.ts';
import type { Desk } from './desk.ts';
import { deadTargets } from './targets.ts';

export interface SettleSettings {
  system: System;
  book: Book;
  desk: Desk;
  pause(ms: number): Promise<void>;
  note(what: string): void;
}

const WITHIN_MS = 60_000;
const ALL = { limit: 1000, after: null };

/**
 * What operators do when everything works again: what is dead is redriven once more, and every lane that is held is
 * released, so that nothing waits for them.
 */
export async function settleAll({ system, book, desk, pause, note }: SettleSettings): Promise<void> {
  await allSettled();
  const dead = await insist({ pause }, () => deadTargets(system));
  for (const { target, partition } of dead) await desk.decide({ command: 'redrive', ...target }, partition);
  await allSettled();
  await releaseAll({ system, desk, pause });
  note(`operators: ${book.size} decisions; ${dead.length} dead deliveries redriven at the end`);

  async function allSettled(): Promise<void> {
    const confirmed = [...book.values()].filter((one) => one.confirmed).map(({ commandId }) => commandId);
    if (!(await desk.settled(confirmed, WITHIN_MS))) note('operators: some commands are not settled');
  }
}

/** Releases every lane that is held. */
export async function releaseAll({
  system,
  desk,
  pause,
}: Pick<SettleSettings, 'system' | 'desk' | 'pause'>): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  for (;;) {
    const held = await insist({ pause }, () =>
      listLanes(system.database, { orderingKey: null, state: 'held', partition: null }, ALL),
    );
    if (held.rows.length === 0 || performance.now() > deadline) break;
    const ids: (string | null)[] = [];
    for (const { orderingKey } of held.rows) {
      ids.push(await desk.decide({ command: 'release', orderingKey, state: 'held' }));
    }
    await desk.settled(ids, WITHIN_MS);
  }
}
