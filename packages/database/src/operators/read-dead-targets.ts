import type { Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import { chosenLetter, type DeadTargetFilter } from './dead-target-filter.ts';

/** Place in a partition, over all logs that it has had. */
export interface DeadPlace {
  incarnation: number;
  offset: bigint;
}

/** A delivery with dead letters that a decision is about. */
export interface DeadTarget extends DeadPlace {
  /** Null: of a record that is no delivery. */
  orderingKey: string | null;
  /** The chosen ones of its dead handlers, by name; empty where it has none, since no handler could be asked. */
  handlers: string[];
  /** The highest of all its letters that are dead, chosen or not. */
  generation: number;
}

/**
 * The next deliveries of a partition with chosen dead letters, behind `after`, in the order of the log: so are those of
 * each key, which is in one partition.
 */
export async function readDeadTargets(
  database: Queryable,
  { consumerGroup, topic, partition }: PartitionPlace,
  filter: DeadTargetFilter,
  { after, limit }: { after: DeadPlace | null; limit: number },
): Promise<DeadTarget[]> {
  const values: unknown[] = [consumerGroup, topic, partition, after?.incarnation ?? 0, after?.offset ?? -1n, limit];
  const { rows } = await database.query<{
    incarnation: number;
    kafka_offset: string;
    ordering_key: string | null;
    handlers: string[] | null;
    generation: number;
  }>(
    `select dead.incarnation, dead.kafka_offset, dead.ordering_key, handlers,
            (select max(generation)
               from hookline.dead_letters every
              where every.consumer_group = dead.consumer_group and every.topic = dead.topic
                and every.kafka_partition = dead.kafka_partition and every.incarnation = dead.incarnation
                and every.kafka_offset = dead.kafka_offset and every.state = 'dead') as generation
       from (select letter.incarnation, letter.kafka_offset,
                    array_agg(handler order by handler) filter (where handler is not null) as handlers
               from hookline.dead_letters letter
               join hookline.dead_deliveries dead
                 using (consumer_group, topic, kafka_partition, incarnation, kafka_offset)
              where consumer_group = $1 and topic = $2 and kafka_partition = $3
                and (letter.incarnation, letter.kafka_offset) > ($4::integer, $5::bigint)
                and ${chosenLetter(filter, values)}
              group by letter.incarnation, letter.kafka_offset
              order by letter.incarnation, letter.kafka_offset
              limit $6) as chosen
       join hookline.dead_deliveries dead
         on dead.consumer_group = $1 and dead.topic = $2 and dead.kafka_partition = $3
        and dead.incarnation = chosen.incarnation and dead.kafka_offset = chosen.kafka_offset
      order by dead.incarnation, dead.kafka_offset`,
    values,
  );
  return rows.map((row) => ({
    incarnation: row.incarnation,
    offset: BigInt(row.kafka_offset),
    orderingKey: row.ordering_key,
    handlers: row.handlers ?? [],
    generation: row.generation,
  }));
}
