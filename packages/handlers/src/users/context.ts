import type { Job } from '@hookline/contracts';
import type { HandledDelivery, HandlerContext, HandlerPolicy } from '../handler.ts';

/** What a handler is given: all of it until it settles, and no longer. */
export interface EventContext<Payload> extends HandlerContext {
  /** The JSON payload, parsed when first asked for. */
  readonly payload: Payload;
  /** What Hookline knows of the delivery: GUID, event, source, place in the log, … */
  delivery: HandledDelivery;
}

/** What a handler of a job is given. */
export interface JobContext<Payload> extends EventContext<Payload> {
  /** The delivery whose handler asked for the job. */
  readonly cause: Job['cause'];
}

/** How a handler's failures are treated; what is absent is as the processor is configured. */
export type HandlerOptions = HandlerPolicy;

/** A context of a payload; `delivery.payload` is read when it is asked for, and not before. */
export function eventContext<Payload>(delivery: HandledDelivery, context: HandlerContext): EventContext<Payload> {
  return {
    ...context,
    delivery,
    get payload() {
      return delivery.payload as Payload;
    },
  };
}

/** The same of a job, whose payload is inside the delivery's. */
export function jobContext<Payload>(delivery: HandledDelivery, context: HandlerContext): JobContext<Payload> {
  const job = () => delivery.payload as Job;
  return {
    ...context,
    delivery,
    get payload() {
      return job().payload as Payload;
    },
    get cause() {
      return job().cause;
    },
  };
}
