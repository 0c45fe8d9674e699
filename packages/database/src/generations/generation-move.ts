/** What is to be moved, from one topic to another. */
export interface GenerationMove {
  consumerGroup: string;
  from: string;
  to: string;
  /** The partition that a key has in the new topic. */
  partitionOf: (key: string) => number;
  /** Who moves it, for people who look at the old partitions. */
  owner: string;
}
