import type { Delivery } from '@hookline/contracts';

/** A decoded record of the log, with its place. */
export interface DeliveryRecord {
  partition: number;
  offset: bigint;
  /** The broker's append time, milliseconds since the Unix epoch. */
  time: number;
  orderingKey: string;
  delivery: Delivery;
}

/** How many records and bytes of values one transaction takes at most; a single larger record goes alone. */
export interface SliceLimits {
  records: number;
  bytes: number;
}
