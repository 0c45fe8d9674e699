import type { Queryable } from '../database.ts';

/** How far a partition of a generation that has ended is processed. */
export interface DrainedPartition {
  partition: number;
  /** The stored offset; null: nobody has begun to read it. */
  nextOffset: bigint | null;
  end: bigint;
  /** Why it is halted, or null. */
  halt: string | null;
}

/** Every partition of a generation whose ends are recorded; empty where they are not. */
export async function readDrain(db: Queryable, consumerGroup: string, topic: string): Promise<DrainedPartition[]> {
  const { rows } = await db.query<{
    partition: number;
    next_offset: string | null;
    end_offset: string;
    reason: string | null;
  }>(
    `select (ended.n - 1)::integer as partition, held.next_offset, ended.end_offset, halted.reason
       from hookline.topic_generations generation
      cross join lateral unnest(generation.ends) with ordinality as ended (end_offset, n)
       left join hookline.partition_offsets held
         on held.consumer_group = $1 and held.topic = $2 and held.kafka_partition = ended.n - 1
       left join hookline.partition_halts halted
         on halted.consumer_group = $1 and halted.topic = $2 and halted.kafka_partition = ended.n - 1
      where generation.topic = $2
      order by ended.n`,
    [consumerGroup, topic],
  );
  return rows.map(({ partition, next_offset, end_offset, reason }) => ({
    partition,
    nextOffset: next_offset === null ? null : BigInt(next_offset),
    end: BigInt(end_offset),
    halt: reason,
  }));
}

/** Whether all that a partition had is processed. */
export function isDrained({ nextOffset, end, halt }: DrainedPartition): boolean {
  return halt === null && nextOffset !== null && nextOffset >= end;
}
