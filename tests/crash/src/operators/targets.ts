import { partitionOf, type ControlTarget } from '@hookline/contracts';
import { findLane, listDeadLetters, listHeld, listLanes, type LaneTarget } from '@hookline/database';
import type { System } from '../system/system.ts';
import { isJobTopic } from '../system/job-topic.ts';
import { presentPlace } from './place.ts';

type Of<C extends ControlTarget['command']> = Omit<Extract<ControlTarget, { command: C }>, 'command'>;

const ALL = { limit: 1000, after: null };
const ANY_LETTER = {
  state: 'dead',
  fingerprint: null,
  handler: null,
  orderingKey: null,
  event: null,
  since: null,
} as const;

/** Deliveries of which a handler is dead now, in the order of the log. The desk writes into that, and decides about no jobs. */
export async function deadTargets(
  system: System,
): Promise<{ guid: string; partition: number; handlers: string[]; target: Of<'redrive' | 'discard'> }[]> {
  const { rows } = await listDeadLetters(system.database, ANY_LETTER, ALL);
  const named = rows.filter(({ topic, handler, guid }) => !isJobTopic(topic) && handler !== null && guid !== null);
  const groups = Map.groupBy(named, ({ partition, incarnation, offset }) => `${partition} ${incarnation} ${offset}`);
  const found = [...groups.values()].flatMap((letters) => {
    const [{ guid, partition, orderingKey, incarnation, offset }] = letters as [(typeof letters)[number]];
    const generation = Math.max(...letters.map((letter) => letter.generation));
    const handlers = letters.map(({ handler }) => handler as string);
    return [
      {
        guid: guid as string,
        partition,
        handlers,
        target: { orderingKey, incarnation, offset, generation, handlers: [] },
      },
    ];
  });
  return found.toSorted((a, b) => a.partition - b.partition || Number(a.target.offset - b.target.offset));
}

/** The lane of a key, or null. */
export async function laneOf(system: System, orderingKey: string): Promise<LaneTarget | null> {
  const place = await presentPlace(system);
  if (!place) return null;
  return findLane(system.database, { ...place, partition: partitionOf(orderingKey, place.partitions) }, orderingKey);
}

/** Heads of open lanes, but for those of jobs. */
export async function headTargets(system: System): Promise<Of<'retry' | 'skip'>[]> {
  const { rows } = await listLanes(system.database, { orderingKey: null, state: null, partition: null }, ALL);
  return rows.flatMap(({ topic, orderingKey, state, attempts: generation, head }) =>
    head && !isJobTopic(topic)
      ? [{ orderingKey, state, generation, incarnation: head.incarnation, offset: head.offset }]
      : [],
  );
}

/** What is held. */
export async function heldTargets(
  system: System,
): Promise<(Of<'release-replay' | 'discard-replay'> & { guid: string })[]> {
  const filter = { orderingKey: null, event: null, source: null, reason: null, state: 'held' } as const;
  const { rows } = await listHeld(system.database, filter, ALL);
  return rows.flatMap(({ orderingKey, digest, dedupScope, event, generation, guid }) =>
    // Only what is no delivery lacks these, and that is never held.
    orderingKey && digest && dedupScope && event && guid
      ? [{ orderingKey, digest, dedupScope, event, generation, guid }]
      : [],
  );
}
