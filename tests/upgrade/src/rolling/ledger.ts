import { readAudit, untilCaughtUp, type Load } from '@hookline/e2e';
import { readDeliveries, until } from '@hookline/test-support';
import type { Fleet } from './fleet.ts';
import type { SharedSystem } from './system.ts';

/** What became of all that was accepted. Of a system that keeps its promise all but `pairs` is empty or 0. */
export interface Ledger {
  /** Accepted, and in no record of the log. */
  lost: string[];
  /** Keys whose deliveries were not each processed once, in the order in which they were accepted. */
  wronglyProcessed: string[];
  /** Repositories whose deliveries were not each forwarded once, in that order. */
  wronglyForwarded: string[];
  effectsLeft: number;
  deadLetters: number;
  /** Deliveries by who wrote their record and who processed them: `old to new` and so on. */
  pairs: Record<string, number>;
}

/** Waits until everything is done, and compares. To be called when the load has stopped and before the services do. */
export async function readLedger(system: SharedSystem, fleet: Fleet, load: Load): Promise<Ledger> {
  await untilCaughtUp(system, 120_000);
  const counted = async (table: string): Promise<number> => {
    const { rows } = await system.database.query<{ n: string }>(`select count(*) as n from hookline.${table}`);
    return Number(rows[0]?.n);
  };
  await until('every effect is sent', async () => (await counted('outbox')) === 0, 120_000);

  const log = await readDeliveries(system.stack, system.topic);
  const writers = new Map(log.map(({ delivery }) => [delivery.guid, delivery.secretLabel]));
  const processed = (await readAudit(system)).filter(({ decision }) => decision === 'processed');
  const byKey = Map.groupBy(processed, ({ key }) => key);
  const accepted = [...load.accepted].map(([key, deliveries]) => ({
    key,
    repository: deliveries[0]?.repository ?? 0,
    guids: deliveries.map(({ guid }) => guid),
  }));
  const pairs = Object.groupBy(
    processed,
    ({ guid, partition, epoch }) => `${writers.get(guid)} to ${fleet.readerOf(partition, epoch)}`,
  );
  return {
    lost: accepted.flatMap(({ guids }) => guids.filter((guid) => !writers.has(guid))),
    wronglyProcessed: accepted
      .filter(({ key, guids }) => String(byKey.get(key)?.map(({ guid }) => guid)) !== String(guids))
      .map(({ key }) => key),
    wronglyForwarded: accepted
      .filter(({ repository, guids }) => String(system.receiver.received.get(repository)) !== String(guids))
      .map(({ key }) => key),
    effectsLeft: await counted('outbox'),
    deadLetters: await counted('dead_letters'),
    pairs: Object.fromEntries(Object.entries(pairs).map(([pair, rows]) => [pair, rows?.length ?? 0])),
  };
}

/** What a ledger must be in which every version has written for every other one of these pairs. */
export const inOrder = {
  lost: [],
  wronglyProcessed: [],
  wronglyForwarded: [],
  effectsLeft: 0,
  deadLetters: 0,
};
