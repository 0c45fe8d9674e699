import { setTimeout as delay } from 'node:timers/promises';
import { readOutcomes, type CommandOutcome, type DatabaseSettings } from '@hookline/database';
import { withDatabase } from './with-database.ts';

/** What became of commands. */
export interface Outcomes {
  applied: CommandOutcome[];
  refused: CommandOutcome[];
  /** Ids of those that nobody has settled. */
  pending: string[];
}

const POLL_MS = 250;
const CHUNK = 2_000;
/** Many commands are looked at more seldom: looking costs the database more than it tells. */
const MS_PER_PENDING = 0.01;

/**
 * Waits until all of these commands are settled, or the time is up; looks at least once.
 *
 * @param onProgress after each look that found more settled, with how many of all are
 */
export async function waitForOutcomes(
  at: DatabaseSettings,
  commandIds: readonly string[],
  waitMs: number,
  onProgress: (settled: number, total: number) => void = () => {},
): Promise<Outcomes> {
  const deadline = performance.now() + waitMs;
  const outcomes: Outcomes = { applied: [], refused: [], pending: [...commandIds] };
  return withDatabase(at, async (database) => {
    for (;;) {
      const before = outcomes.pending.length;
      const settled = new Set<string>();
      for (let at = 0; at < before; at += CHUNK) {
        for (const found of await readOutcomes(database, outcomes.pending.slice(at, at + CHUNK))) {
          if (found.outcome === null) continue;
          outcomes[found.outcome].push(found);
          settled.add(found.commandId);
        }
      }
      outcomes.pending = outcomes.pending.filter((id) => !settled.has(id));
      const left = outcomes.pending.length;
      if (left < before) onProgress(commandIds.length - left, commandIds.length);
      if (left === 0 || performance.now() >= deadline) return outcomes;
      await delay(POLL_MS + left * MS_PER_PENDING);
    }
  });
}
