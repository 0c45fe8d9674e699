import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';

/** Which dead effects a decision is about: those that all of this is true of; null: whatever it is. */
export interface EffectTargetFilter {
  ids: readonly string[] | null;
  kind: string | null;
  handler: string | null;
  orderingKey: string | null;
  reason: string | null;
}

/** How much a decision about dead effects is about. */
export interface EffectTargetPlan {
  effects: number;
  keys: number;
  partitions: number[];
  /** The highest position that was given to any by then: what is redriven, or asked for, from now on is above. */
  until: bigint;
  /** The largest first, at most as many as were asked for. */
  errors: { kind: string; handler: string; reason: string; error: string; effects: number; keys: number }[];
  largestKeys: { orderingKey: string; effects: number }[];
}

/** A dead effect that a decision is about. */
export interface EffectTarget {
  partition: number;
  position: bigint;
  effectId: string;
  orderingKey: string;
  /** Attempts that it has ever had. */
  generation: number;
}

/** SQL: dead effects of a group and topic that are chosen; values from $1 to $7, {@link chosenValues}. */
const CHOSEN = `hookline.outbox
      where consumer_group = $1 and topic = $2 and state = 'dead'
        and ($3::uuid[] is null or effect_id = any ($3)) and ($4::text is null or kind = $4)
        and ($5::text is null or handler = $5) and ($6::text is null or ordering_key = $6)
        and ($7::text is null or reason = $7)`;

function chosenValues({ consumerGroup, topic }: Omit<PartitionPlace, 'partition'>, filter: EffectTargetFilter) {
  const { ids, kind, handler, orderingKey, reason } = filter;
  return [consumerGroup, topic, ids, kind, handler, orderingKey, reason];
}

/** Counts the dead effects that are chosen: in all, by handler and error, by ordering key. Three statements. */
export async function planEffectTargets(
  database: Queryable,
  place: Omit<PartitionPlace, 'partition'>,
  filter: EffectTargetFilter,
  limit: number,
): Promise<EffectTargetPlan> {
  const values = chosenValues(place, filter);
  const total = await database.query<{ effects: string; keys: string; partitions: number[] | null; until: string }>(
    `select count(*) as effects, count(distinct ordering_key) as keys,
            array_agg(distinct kafka_partition order by kafka_partition) as partitions,
            (select last_value from hookline.outbox_position_seq) as until
       from ${CHOSEN}`,
    values,
  );
  const errors = await database.query<Omit<EffectTargetPlan['errors'][number], 'effects' | 'keys'> & Counted>(
    `select kind, handler, reason, min(error) as error, count(*) as effects, count(distinct ordering_key) as keys
       from ${CHOSEN}
      group by kind, handler, reason
      order by count(*) desc, kind, handler, reason
      limit ${limit}`,
    values,
  );
  const keys = await database.query<{ ordering_key: string; effects: string }>(
    `select ordering_key, count(*) as effects
       from ${CHOSEN}
      group by ordering_key
      order by count(*) desc, ordering_key
      limit ${limit}`,
    values,
  );
  const [counts] = total.rows as [(typeof total.rows)[number]];
  return {
    effects: Number(counts.effects),
    keys: Number(counts.keys),
    partitions: counts.partitions ?? [],
    until: BigInt(counts.until),
    errors: errors.rows.map((row) => ({ ...row, effects: Number(row.effects), keys: Number(row.keys) })),
    largestKeys: keys.rows.map((row) => ({ orderingKey: row.ordering_key, effects: Number(row.effects) })),
  };
}

interface Counted extends Record<string, unknown> {
  effects: string;
  keys: string;
}

/**
 * The next chosen effects of a partition behind a position, in the order of positions: so is each key's, and each queue's.
 *
 * @param until highest position that is meant
 */
export async function readEffectTargets(
  database: Queryable,
  { partition, ...place }: PartitionPlace,
  filter: EffectTargetFilter,
  { after, until, limit }: { after: bigint; until: bigint; limit: number },
): Promise<EffectTarget[]> {
  const { rows } = await database.query<{
    position: string;
    effect_id: string;
    ordering_key: string;
    total_attempts: number;
  }>(
    `select position, effect_id, ordering_key, total_attempts
       from ${CHOSEN} and kafka_partition = $8 and position > $9 and position <= $10
      order by position
      limit $11`,
    [...chosenValues(place, filter), partition, after, until, limit],
  );
  return rows.map((row) => ({
    partition,
    position: BigInt(row.position),
    effectId: row.effect_id,
    orderingKey: row.ordering_key,
    generation: row.total_attempts,
  }));
}
