import type { Handler } from '@hookline/handlers';
import type { ProcessorEvents } from '../events.ts';

type Note = (partition: number) => void;

/** What comes in for a partition, or where from, says nothing about the work on it. */
const NOT_OF_WORK = new Set<string>(['fetched', 'misplaced'] satisfies (keyof ProcessorEvents)[]);

/** Events as given; each that names a partition, by its number or its place, is a sign of life of the work on it. */
export function notingEvents(events: ProcessorEvents, note: Note): ProcessorEvents {
  const noting = Object.entries<Event>(events as unknown as Record<string, Event>).map(
    ([name, tell]): [string, Event] => [
      name,
      (...args) => {
        const partition = partitionOf(args[0]);
        if (partition !== null && !NOT_OF_WORK.has(name)) note(partition);
        return tell(...args);
      },
    ],
  );
  return Object.fromEntries(noting) as unknown as ProcessorEvents;
}

/** Handlers as given; each call that ends is a sign of life: a slice of slow ones takes long, and is not stuck. */
export function notingHandlers(handlers: readonly Handler[], note: Note): Handler[] {
  return handlers.map((handler): Handler => {
    if (handler.kind === 'delivery') {
      return {
        ...handler,
        async run(delivery, context) {
          try {
            await handler.run(delivery, context);
          } finally {
            note(delivery.partition);
          }
        },
      };
    }
    return {
      ...handler,
      async runSlice(deliveries, context) {
        try {
          await handler.runSlice(deliveries, context);
        } finally {
          for (const partition of new Set(deliveries.map((delivery) => delivery.partition))) note(partition);
        }
      },
    };
  });
}

type Event = (...args: unknown[]) => unknown;

function partitionOf(named: unknown): number | null {
  if (typeof named === 'number') return named;
  if (typeof named !== 'object' || named === null || !('partition' in named)) return null;
  return typeof named.partition === 'number' ? named.partition : null;
}
