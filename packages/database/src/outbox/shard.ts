import type { PartitionPlace } from '../fence.ts';

/** One relay's claim on the effects of one partition. It holds while no later one has raised the epoch. */
export interface Shard extends PartitionPlace {
  epoch: bigint;
}

/** As arrays, for `unnest`. */
export function columnsOf(shards: readonly Shard[]): [string[], string[], number[], bigint[]] {
  return [
    shards.map(({ consumerGroup }) => consumerGroup),
    shards.map(({ topic }) => topic),
    shards.map(({ partition }) => partition),
    shards.map(({ epoch }) => epoch),
  ];
}

/** The same text for the same shard of the same epoch, and for no other. */
export function shardKey({ consumerGroup, topic, partition, epoch }: Shard): string {
  return JSON.stringify([consumerGroup, topic, partition, epoch.toString()]);
}

export type ShardRow = { consumer_group: string; topic: string; kafka_partition: number; epoch: string };

export function toShard(row: ShardRow): Shard {
  return {
    consumerGroup: row.consumer_group,
    topic: row.topic,
    partition: row.kafka_partition,
    epoch: BigInt(row.epoch),
  };
}
