import type { Effect, LogRecord } from './facts.ts';

/** An effect as its handler has noted it. */
export type NotedEffect = Omit<Effect, 'partition'>;

/**
 * Of which record each effect is. A handler is told an offset, and not of which log: what waited in a lane while its
 * generation moved is run by the owner of its key's new partition. So it is the first record of that delivery there or in
 * an older topic; where there is none, the effect is of no record.
 */
export function placeEffects(effects: readonly NotedEffect[], log: readonly LogRecord[]): Effect[] {
  const name = (guid: string, offset: bigint): string => `${guid} ${offset}`;
  const records = Map.groupBy(
    log.filter(({ delivery }) => delivery),
    ({ delivery, offset }) => name(delivery?.guid ?? '', offset),
  );
  return effects.map((effect) => {
    const owner = effect.owner?.partition ?? 'no partition';
    const found = records.get(name(effect.guid, effect.offset))?.[0];
    return { ...effect, partition: found?.partition ?? owner };
  });
}
