import { readTopicEnds } from '@hookline/kafka';
import { createLogger } from '@hookline/runtime';
import { until } from '@hookline/test-support';
import type { System } from '../system/open-system.ts';

/** Far more than any machine needs: a bench that waits longer has found something else than what it measures. */
const PATIENCE_MS = 20 * 60_000;

/** Resolves when every record that is in the log now has been decided. */
export async function untilCaughtUp({ stack, topic, database }: System): Promise<void> {
  const logger = createLogger({ service: 'bench', level: 'silent' });
  const ends = await readTopicEnds({ brokers: stack.brokers, clientId: 'bench' }, logger, topic);
  const wanted = [...ends.values()].reduce((sum, end) => sum + end, 0n);
  await until(
    `all ${wanted} records of the log are decided`,
    async () => {
      const { rows } = await database.query<{ n: string | null }>(
        'select sum(next_offset)::text as n from hookline.partition_offsets where topic = $1',
        [topic],
      );
      return BigInt(rows[0]?.n ?? 0) >= wanted;
    },
    PATIENCE_MS,
  );
}

/** Resolves when no lane is open. */
export async function untilLanesAreEmpty(system: System): Promise<void> {
  await until('the lanes are empty', async () => (await countWaiting(system)) === 0, PATIENCE_MS);
}

/** How many records wait in lanes. */
export async function countWaiting({ database }: Pick<System, 'database'>): Promise<number> {
  const { rows } = await database.query<{ n: string }>('select coalesce(sum(records), 0) as n from hookline.lanes');
  return Number(rows[0]?.n);
}
