import type { Job } from '@hookline/contracts';
import { knexOn, type Knex } from '@hookline/database';
import type { HandledDelivery, HandlerContext, HandlerLog, HandlerPolicy } from '../handler.ts';

/** What a handler is given: all of it until it settles, and no longer. */
export interface EventContext<Payload> extends HandlerContext {
  /** The JSON payload, parsed when first asked for. */
  readonly payload: Payload;
  /** What Hookline knows of the delivery: GUID, event, source, place in the log, … */
  delivery: HandledDelivery;
  /** Knex, whose queries are those of `db`: in the same transaction. Without transactions of its own, and streams. */
  readonly knex: Knex;
  readonly log: HandlerLog;
}

/** What a handler of a job is given. */
export interface JobContext<Payload> extends EventContext<Payload> {
  /** The delivery whose handler asked for the job. */
  readonly cause: Job['cause'];
}

/** How a handler's failures are treated; what is absent is as the processor is configured. */
export type HandlerOptions = HandlerPolicy;

const nobody = (): void => {};
const NO_LOG: HandlerLog = { debug: nobody, info: nobody, warn: nobody, error: nobody };

/** The context of a delivery. What costs something is made when it is asked for, and not before. */
export function eventContext<Payload>(delivery: HandledDelivery, context: HandlerContext): EventContext<Payload> {
  return lendingContext(delivery, context, () => delivery.payload as Payload);
}

/** The same of a job, whose payload is inside the delivery's. */
export function jobContext<Payload>(delivery: HandledDelivery, context: HandlerContext): JobContext<Payload> {
  const job = () => delivery.payload as Job;
  const lending = lendingContext(delivery, context, () => job().payload as Payload);
  return Object.defineProperty(lending, 'cause', { enumerable: true, get: () => job().cause }) as JobContext<Payload>;
}

function lendingContext<Payload>(
  delivery: HandledDelivery,
  context: HandlerContext,
  payload: () => Payload,
): EventContext<Payload> {
  const { db, effects, order, signal } = context;
  let knex: Knex | undefined;
  return {
    delivery,
    db,
    effects,
    order,
    signal,
    get payload() {
      return payload();
    },
    get knex() {
      return (knex ??= knexOn(db));
    },
    get log() {
      return context.log ?? NO_LOG;
    },
  };
}
