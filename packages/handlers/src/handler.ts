import type { Delivery } from '@hookline/contracts';
import type { Effects } from './effects/effects.ts';
import type { OrderGuard } from './order/order.ts';

/** What a handler asks for: `*`, an event (`issues`), or an event with an action (`issues.opened`). */
export type EventPattern = string;

/** A delivery as handlers see it. */
export interface HandledDelivery extends Omit<Delivery, 'secretLabel' | 'eventProblem'> {
  /** `<namespace>/<kind>/<id>`: deliveries with the same key are handled in log order, one after another. */
  orderingKey: string;
  partition: number;
  offset: bigint;
  /** The JSON payload, parsed when first asked for. */
  readonly payload: unknown;
}

/** SQL inside the transaction that also claims the delivery. Revoked when the handler settles. */
export interface HandlerDatabase {
  query<Row extends Record<string, unknown> = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ rows: Row[]; rowCount: number; command: string }>;
}

/** What a slice handler is lent. */
export interface SliceContext {
  db: HandlerDatabase;
  /** Aborted when the handler's time is over, or when its partition has moved to another process. */
  signal: AbortSignal;
}

/** What a delivery handler is lent, until it settles. */
export interface HandlerContext extends SliceContext {
  /** What is to be done outside of the database, once the transaction has committed. */
  effects: Effects;
  /** What is late by GitHub's clock. */
  order: OrderGuard;
  /** Absent: nobody reads it. */
  readonly log?: HandlerLog;
}

/** Writes a line, with facts that it can be found by; or only a message. No payloads, no secrets. */
interface LogLine {
  (facts: object, message?: string): void;
  (message: string): void;
}

/** The processor's log; each line names the handler, and the delivery by GUID, key, partition and offset. */
export interface HandlerLog {
  debug: LogLine;
  info: LogLine;
  warn: LogLine;
  error: LogLine;
}

/** How a handler's failures are treated; what is absent is as the processor is configured. */
export interface HandlerPolicy {
  /** Milliseconds that one call may take. Taking longer is a failure that counts. */
  timeoutMs?: number;
  /** Attempts that may count against one delivery before it is exhausted. */
  maxAttempts?: number;
  /** Milliseconds from one attempt to the next: at first about `minMs`, then twice as long each time, up to `maxMs`. */
  retry?: { minMs: number; maxMs: number } | undefined;
  /**
   * When a delivery is exhausted for this handler: `dead-letter` (default) sets it aside and goes on with its key's
   * next ones; `hold` sets it aside and has its key wait for an operator.
   */
  onExhausted?: 'dead-letter' | 'hold';
}

/**
 * Runs once per delivery that it asks for: in log order among the deliveries of one key, its writes committed together
 * with the claim of the delivery, or not at all. It may run more often than it commits, so it must have no effects
 * but through its context.
 */
export interface DeliveryHandler {
  kind: 'delivery';
  /** Unique, stable over releases: outcomes are recorded under it. */
  name: string;
  on: EventPattern[];
  policy?: HandlerPolicy;
  run(delivery: HandledDelivery, context: HandlerContext): Promise<void>;
}

/**
 * Runs once per slice, with all deliveries of the slice that it asks for, in log order, after the slice's delivery
 * handlers. For projections: a few set-based statements for hundreds of deliveries. It has no effects: their ids are those
 * of a delivery.
 */
export interface SliceHandler {
  kind: 'slice';
  name: string;
  on: EventPattern[];
  policy?: HandlerPolicy;
  runSlice(deliveries: HandledDelivery[], context: SliceContext): Promise<void>;
}

export type Handler = DeliveryHandler | SliceHandler;
