import { planDeadTargets, type Database, type DeadTargetFilter, type DeadTargetPlan } from '@hookline/database';
import type { Bulk } from './bulk-command-id.ts';
import { PLAN_ROWS } from './bulk-plan.ts';
import { failed } from './exit-codes.ts';

type Reading = <T>(work: (database: Database) => Promise<T>) => Promise<T>;

/**
 * Counts what a bulk is about. What was discarded is meant where it is said, or where dead letters are named one by one; else
 * what is dead.
 *
 * @throws {CommandEnd} where some that were named are dead and others were discarded: one decision is on one state
 */
export async function planBulk(
  on: Reading,
  place: { consumerGroup: string; topic: string },
  { command, selection, state }: Pick<Bulk, 'command' | 'selection'> & { state: Bulk['state'] | null },
): Promise<{ filter: DeadTargetFilter; plan: DeadTargetPlan }> {
  const planOf = async (of: Bulk['state']) => {
    const filter: DeadTargetFilter = { ...selection, state: of, until: null };
    return { filter, plan: await on((database) => planDeadTargets(database, place, filter, PLAN_ROWS)) };
  };
  if (state !== null || command === 'discard' || selection.ids === null) return planOf(state ?? 'dead');
  const [dead, discarded] = [await planOf('dead'), await planOf('discarded')];
  if (dead.plan.letters > 0 && discarded.plan.letters > 0) {
    throw failed(
      `Of these, ${dead.plan.letters} are dead and ${discarded.plan.letters} were discarded. Decide about them apart: ` +
        'with --state dead, and with --state discarded.',
    );
  }
  return discarded.plan.letters > 0 ? discarded : dead;
}
