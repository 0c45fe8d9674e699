import type { Database } from '@hookline/database';
import type { Handler } from '@hookline/handlers';
import { handler } from './lane-world.ts';

/** Opened by hand: where a test holds one side until the other is where it should be. */
export interface Gate {
  opened: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** The database, with a stop before each statement that has this in it, from the nth on. */
export function stoppingBefore(database: Database, statement: string, reached: Gate, goOn: Gate, nth = 1): Database {
  let met = 0;

  async function pass(text: string, before: Promise<void>): Promise<void> {
    await before;
    if (!text.includes(statement) || ++met < nth) return;
    reached.open();
    await goOn.opened;
  }

  return {
    ...database,
    async acquire() {
      const client = await database.acquire();
      // What is sent behind it without waiting for its answer stays behind it.
      let sent: Promise<void> = Promise.resolve();
      return {
        ...client,
        query: async (text, values) => {
          const before = sent;
          sent = pass(text, before);
          await sent;
          return (await client.query(text, values)) as never;
        },
      };
    },
  };
}

/** A handler, and the offsets that it ran. */
export function counts(): { ran: number[]; handler: Handler } {
  const ran: number[] = [];
  return { ran, handler: handler('w', ({ offset }) => Promise.resolve(void ran.push(Number(offset)))) };
}
