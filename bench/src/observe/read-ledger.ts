import { readTopicEnds } from '@hookline/kafka';
import { createLogger } from '@hookline/runtime';
import type { Ledger } from '../ledger.ts';
import type { System } from '../system/open-system.ts';

/** How many records are in the log. */
export async function countPublished({ stack, topic }: Pick<System, 'stack' | 'topic'>): Promise<number> {
  const logger = createLogger({ service: 'bench', level: 'silent' });
  const ends = await readTopicEnds({ brokers: stack.brokers, clientId: 'bench' }, logger, topic);
  return Number([...ends.values()].reduce((sum, end) => sum + end, 0n));
}

/**
 * What became of deliveries that were published once each: completed are those whose identity is claimed as processed.
 * Those that wait in a lane are missing, visibly.
 */
export async function readLedger({ database }: Pick<System, 'database'>, published: number): Promise<Ledger> {
  const { rows } = await database.query<{ completed: number; missing: number }>(
    `select (select count(*)::integer from hookline.processed_deliveries where outcome = 'processed') as completed,
            (select coalesce(sum(records), 0)::integer from hookline.lanes) as missing`,
  );
  const { completed = 0, missing = 0 } = rows[0] ?? {};
  return { published, completed, missing };
}
