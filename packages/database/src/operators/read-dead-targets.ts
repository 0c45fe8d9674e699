import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import { chosenLetter, LETTERS_WITH_DELIVERIES, type DeadTargetFilter } from './dead-target-filter.ts';

/** A delivery with dead letters that a decision is about. */
export interface DeadTarget {
  offset: bigint;
  /** Null: of a record that is no delivery. */
  orderingKey: string | null;
  /** The handlers of the chosen letters, by name; empty where it has none, since no handler could be asked. */
  handlers: string[];
  /** The highest of all its letters that are in this state, chosen or not. */
  generation: number;
}

/**
 * The next deliveries with chosen dead letters of one log that a partition has, or has had, behind the offset `after`, in
 * the order of the log: so are those of each key, which is in one partition.
 */
export async function readDeadTargets(
  database: Queryable,
  { consumerGroup, topic, partition, incarnation }: PartitionPlace & { incarnation: number },
  filter: DeadTargetFilter,
  { after, limit }: { after: bigint | null; limit: number },
): Promise<DeadTarget[]> {
  const values: unknown[] = [consumerGroup, topic, partition, incarnation, after ?? -1n, limit];
  const { rows } = await database.query<{
    kafka_offset: string;
    ordering_key: string | null;
    handlers: string[] | null;
    generation: number;
  }>(
    `select chosen.*,
            (select max(generation)
               from hookline.dead_letters every
              where every.consumer_group = $1 and every.topic = $2 and every.kafka_partition = $3
                and every.incarnation = $4 and every.kafka_offset = chosen.kafka_offset
                and every.state = '${filter.state}') as generation
       from (select letter.kafka_offset, min(dead.ordering_key) as ordering_key,
                    array_agg(handler order by handler) filter (where handler is not null) as handlers
               from ${LETTERS_WITH_DELIVERIES}
              where consumer_group = $1 and topic = $2 and kafka_partition = $3 and letter.incarnation = $4
                and letter.kafka_offset > $5 and ${chosenLetter(filter, values)}
              group by letter.kafka_offset
              order by letter.kafka_offset
              limit $6) as chosen
      order by kafka_offset`,
    values,
  );
  return rows.map((row) => ({
    offset: BigInt(row.kafka_offset),
    orderingKey: row.ordering_key,
    handlers: row.handlers ?? [],
    generation: row.generation,
  }));
}
