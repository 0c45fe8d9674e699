import { bigintArray, integerArray, textArray } from '../arrays/typed-arrays.ts';
import type { PartitionPlace } from '../fence.ts';

/** One relay's claim on the effects of one partition. It holds while no later one has raised the epoch. */
export interface Shard extends PartitionPlace {
  epoch: bigint;
}

/** As arrays, for `unnest`. */
export function columnsOf(shards: readonly Shard[]): Buffer[] {
  return [
    textArray(shards.map(({ consumerGroup }) => consumerGroup)),
    textArray(shards.map(({ topic }) => topic)),
    integerArray(shards.map(({ partition }) => partition)),
    bigintArray(shards.map(({ epoch }) => epoch)),
  ];
}

/** The same text for the same shard of the same epoch, and for no other. */
export function shardKey({ consumerGroup, topic, partition, epoch }: Shard): string {
  return JSON.stringify([consumerGroup, topic, partition, epoch.toString()]);
}

/**
 * Of a `shard` in SQL: there may be something to send of it, now or later. There is not where its topic's generation has
 * moved and nothing was left behind: all that waited went along, and nobody writes there any more.
 */
export const IS_SENT_FROM = `(
            not exists (select from hookline.topic_generations as log where log.topic = shard.topic and log.state = 'moved')
            or exists (select from hookline.outbox as left_behind
                        where left_behind.consumer_group = shard.consumer_group and left_behind.topic = shard.topic
                          and left_behind.kafka_partition = shard.kafka_partition and left_behind.state <> 'dead'))`;

export type ShardRow = { consumer_group: string; topic: string; kafka_partition: number; epoch: string };

export function toShard(row: ShardRow): Shard {
  return {
    consumerGroup: row.consumer_group,
    topic: row.topic,
    partition: row.kafka_partition,
    epoch: BigInt(row.epoch),
  };
}
