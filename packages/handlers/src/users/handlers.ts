import { JOB_EVENT } from '@hookline/contracts';
import type { EventName, PayloadOf } from '../events/payloads.ts';
import type { DeliveryHandler, HandledDelivery, HandlerContext } from '../handler.ts';
import { isJobName, JOB_NAME_WANTED } from '../job-name.ts';
import { eventContext, jobContext, type EventContext, type HandlerOptions, type JobContext } from './context.ts';

type Run<Context> = (context: Context) => Promise<void> | void;

/**
 * Has a function run for each delivery of an event, once and in order; its payload has the event's type.
 *
 * `name` is what outcomes are recorded under: unique, and the same from release to release. Without one it is the event.
 */
export interface On {
  <Name extends EventName>(events: Name | readonly Name[], run: Run<EventContext<PayloadOf<Name>>>): void;
  <Name extends EventName>(events: Name | readonly Name[], name: string, run: Run<EventContext<PayloadOf<Name>>>): void;
  <Name extends EventName>(
    events: Name | readonly Name[],
    name: string,
    options: HandlerOptions,
    run: Run<EventContext<PayloadOf<Name>>>,
  ): void;
}

/** Has a function run for each job of a name that a handler has asked for with `effects.job`. */
export interface OnJob {
  <Payload = unknown>(job: string, run: Run<JobContext<Payload>>): void;
  <Payload = unknown>(job: string, name: string, run: Run<JobContext<Payload>>): void;
  <Payload = unknown>(job: string, name: string, options: HandlerOptions, run: Run<JobContext<Payload>>): void;
}

export interface Registry {
  on: On;
  onJob: OnJob;
}

/**
 * The handlers that a function registers: what a module of handlers exports as its default.
 *
 * @throws {TypeError} where one cannot be what it is asked to be; loading the module says so
 */
export function handlers(define: (registry: Registry) => void): DeliveryHandler[] {
  const registered: DeliveryHandler[] = [];
  let closed = false;

  const register = (on: string[], call: string, rest: unknown[], wrap: Wrap): void => {
    if (closed) throw new TypeError(`${call} was called after the function given to handlers() had returned.`);
    if (on.length === 0 || !on.every((pattern) => typeof pattern === 'string')) {
      throw new TypeError(`${call} asks for no event: its first argument is the name of one, or a list of names.`);
    }
    const { name = nameOf(on, call), options, run } = partsOf(rest, call);
    registered.push({
      kind: 'delivery',
      name,
      on,
      ...(options && { policy: options }),
      run: async (delivery, context) => {
        await run(wrap(delivery, context));
      },
    });
  };
  const on: On = (events: string | readonly string[], ...rest: unknown[]) =>
    register([events].flat(), `on(${JSON.stringify(events)})`, rest, eventContext);
  const onJob: OnJob = (job: string, ...rest: unknown[]) => {
    const call = `onJob(${JSON.stringify(job)})`;
    if (!isJobName(job)) throw new TypeError(`${call} asks for what is no name of a job: ${JOB_NAME_WANTED}.`);
    register([`${JOB_EVENT}.${job}`], call, rest, jobContext);
  };

  const returned: unknown = define({ on, onJob });
  closed = true;
  if (returned instanceof Promise) {
    returned.catch(() => {});
    throw new TypeError('The function given to handlers() must not be async: its handlers would come too late.');
  }
  return registered;
}

type Wrap = (delivery: HandledDelivery, context: HandlerContext) => unknown;

interface Parts {
  name?: string;
  options?: HandlerOptions;
  run: (context: unknown) => unknown;
}

function partsOf(rest: readonly unknown[], call: string): Parts {
  const run = rest.at(-1);
  const [name, options] = rest.slice(0, -1);
  if (typeof run !== 'function') throw new TypeError(`${call} has no function to run as its last argument.`);
  if (name !== undefined && typeof name !== 'string') throw new TypeError(`The name in ${call} is not text.`);
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw new TypeError(`The options in ${call} are no object.`);
  }
  return {
    run: run as Parts['run'],
    ...(name !== undefined && { name }),
    ...(options !== undefined && { options }),
  };
}

function nameOf([event = '', ...more]: readonly string[], call: string): string {
  if (more.length === 0 && event !== '*')
    return event.startsWith(`${JOB_EVENT}.`) ? event.slice(JOB_EVENT.length + 1) : event;
  throw new TypeError(`${call} needs a name as its second argument: what becomes of deliveries is recorded under it.`);
}
