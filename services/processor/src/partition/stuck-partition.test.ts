import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '@hookline/database';
import { RetryLater, type HandledDelivery, type Handler, type HandlerContext } from '@hookline/handlers';
import { aDelivery, until } from '@hookline/test-support';
import { createLogWorld, keyOf, type LogOwner, type LogWorld } from '../testing/log-world.ts';

let world: LogWorld;

beforeAll(async () => {
  world = await createLogWorld();
});

afterAll(() => world.close());

type Run = (delivery: HandledDelivery, context: HandlerContext) => Promise<void>;

const handler = (run: Run): Handler => ({ kind: 'delivery', name: 'h', on: ['*'], run });

/** A record of one repository. */
const of = (repository: number, offset: number) => world.read(offset, aDelivery({ repository }));

const raise = (code: string): string => `begin raise exception 'as told' using errcode = '${code}'; end`;

/** Until the work has ended, or has tried the same thing `tries` times: then it would do so for ever. */
async function ends({ worker, errors }: LogOwner, tries = 5): Promise<string> {
  let over = false;
  const stuck = until('it ends, or tries again and again', () => over || errors.length >= tries);
  const end = worker.run().finally(() => (over = true));
  return Promise.race([end, stuck.then(() => (over ? end : `stuck: ${errors.at(-1)}`))]);
}

describe('a partition goes on, and a lane is looked at,', () => {
  // COMMIT has opened the lane, and nobody has heard of it: the lane would wait for a wake that never comes.
  it('when the reply to the COMMIT that opened the lane is lost', async () => {
    let lost = 0;
    const lossy: Database = {
      ...world.database,
      async acquire() {
        const client = await world.database.acquire();
        let opens = false;
        return {
          ...client,
          query: async (text, values) => {
            const result = await client.query(text, values);
            opens ||= text.includes('insert into hookline.lanes');
            if (text === 'commit' && opens && lost++ === 0) throw new Error('Connection terminated unexpectedly');
            return result as never;
          },
        };
      },
    };
    const poisoned = handler(() => Promise.reject(new Error('poison')));
    const { worker, fence, woken } = await world.own([[of(1, 0)]], { handlers: [poisoned], database: lossy });
    expect(await worker.run()).toBe('CLOSED');
    expect(lost).toBe(1);
    expect(await world.lanes(fence)).toEqual([`${keyOf(1)} retrying 1 1 0 0`]);
    expect(woken).toEqual([0]);
  });

  // The server ends a transaction that says nothing, and the slice would be run again, as long, for ever.
  it('when its handlers together say nothing to the database for longer than a transaction may', async () => {
    const quiet = handler(() => delay(150));
    const owner = await world.own([[of(1, 0), of(2, 1), of(3, 2), of(4, 3), of(5, 4), of(6, 5)]], {
      handlers: [quiet],
      handlerTimeoutMs: 200,
      idleTimeoutMs: 600,
    });
    expect(await ends(owner)).toBe('CLOSED');
    expect(owner.errors).toEqual([]);
    expect(await world.storedOffset(owner.fence)).toBe(6);
  });

  // Number() of a Retry-After that is a date, and a limit that is reset never.
  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1e300, 1e300])(
    'when a handler asks to be tried again after %d ms',
    async (afterMs) => {
      const later = handler(({ offset }) =>
        offset === 0n ? Promise.reject(new RetryLater('later', { afterMs })) : Promise.resolve(),
      );
      const owner = await world.own([[of(1, 0), of(2, 1)]], { handlers: [later] });
      expect(await ends(owner)).toBe('CLOSED');
      expect(await world.audited(owner.fence)).toEqual(['0 parked', '1 processed']);
      const { rows } = await world.database.query(
        `select isfinite(due_at) and due_at < now() + interval '40 days' as soon from hookline.lanes where kafka_partition = $1`,
        [owner.fence.partition],
      );
      expect(rows).toEqual([{ soon: true }]);
    },
  );

  // Before any handler has run none can be the reason, whatever the server says: an outage counts against no record.
  it('when the database takes no writes for a while, and nobody is blamed for it', async () => {
    let left = 3;
    const readOnly: Database = {
      ...world.database,
      async acquire() {
        const client = await world.database.acquire();
        if (left-- <= 0) return client;
        const query: Database['query'] = (text, values) =>
          client.query(text.startsWith('begin') ? `${text}; set local transaction_read_only = on` : text, values);
        return { ...client, query };
      },
    };
    const owner = await world.own([[of(1, 0), of(2, 1)]], {
      handlers: [handler(() => Promise.resolve())],
      database: readOnly,
    });
    expect(await ends(owner)).toBe('CLOSED');
    expect(await world.audited(owner.fence)).toEqual(['0 processed', '1 processed']);
    const refusal = 'transaction: cannot execute SELECT FOR UPDATE in a read-only transaction';
    expect(owner.errors).toEqual([refusal, refusal, refusal]);
  });

  it.each<[string, string]>([
    [
      'a deferred trigger raises an exception of its own',
      `create table pg_temp.checked (n integer);
       create function pg_temp.refuse() returns trigger language plpgsql as $$ ${raise('P0001')} $$;
       create constraint trigger refused after insert on pg_temp.checked deferrable initially deferred
              for each row execute function pg_temp.refuse();
       insert into pg_temp.checked values (1)`,
    ],
    ['a handler takes a role that may not write our tables', 'create role nobody_at_all; set local role nobody_at_all'],
    ['a handler makes the transaction read-only', 'set local transaction_read_only = on'],
  ])('when %s', async (_, sql) => {
    const only = handler(async ({ offset }, { db }) => {
      if (offset === 1n) await db.query(sql);
    });
    const owner = await world.own([[of(1, 0), of(2, 1), of(3, 2)]], { handlers: [only] });
    expect(await ends(owner)).toBe('CLOSED');
    expect(await world.audited(owner.fence)).toEqual(['0 processed', '1 parked', '2 processed']);
    expect(await world.lanes(owner.fence)).toEqual([`${keyOf(2)} retrying 1 1 0 0`]);
  });
});
