import type { StoredBody } from '../stored-body.ts';

/** What is to be moved, from one topic to another. */
export interface GenerationMove {
  consumerGroup: string;
  from: string;
  to: string;
  /** The partition that a key has in the new topic. */
  partitionOf: (key: string) => number;
  /** The key that a delivery has by the new topic's key rule; without one the rule stays, and so do all keys. */
  newKeyOf?: (stored: KeyedDelivery) => string;
  /** Who moves it, for people who look at the old partitions. */
  owner: string;
}

/** What is stored of a delivery that gives it its key. */
export interface KeyedDelivery {
  /** Its key until now. */
  orderingKey: string;
  dedupScope: string;
  headers: Record<string, string>;
  body: StoredBody;
}
