import type { Delivery } from '@hookline/contracts';

/** A decoded delivery, with its place in the log. */
export interface LoggedDelivery {
  partition: number;
  offset: bigint;
  /** The broker's append time, milliseconds since the Unix epoch. */
  time: number;
  orderingKey: string;
  delivery: Delivery;
}
