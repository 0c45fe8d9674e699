import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '@hookline/database';
import type { Handler, HandlerDatabase } from '@hookline/handlers';
import { aDelivery, until } from '@hookline/test-support';
import { repositoryActivity } from '../built-in/repository-activity.ts';
import { createLogWorld, type LogWorld } from '../testing/log-world.ts';

let world: LogWorld;

beforeAll(async () => {
  world = await createLogWorld();
  await world.database.query('create table noted (off bigint, by_role text)');
});
beforeEach(async () => {
  await world.database.query('truncate noted');
});
afterAll(() => world.close());

const NOTE = 'insert into noted values ($1, current_user)';

/** Notes each delivery, and does harm with that of the offset. */
function noting(harm: (db: HandlerDatabase) => Promise<unknown> = () => Promise.resolve(), at = 1n): Handler {
  return {
    kind: 'delivery',
    name: 'noting',
    on: ['*'],
    async run({ offset }, { db }) {
      await db.query(NOTE, [offset]);
      if (offset === at) await harm(db);
    },
  };
}

const three = () => [0, 1, 2].map((offset) => world.read(offset, aDelivery({ repositoryId: String(offset + 1) })));

async function noted(): Promise<string[]> {
  const { rows } = await world.database.query<{ said: string }>(
    `select off || ' ' || by_role as said from noted order by off`,
  );
  return rows.map(({ said }) => said);
}

describe("users' handlers in a slice", () => {
  it('run under their own role, and what is built in under ours, in whatever order they are', async () => {
    const last: Handler = {
      ...noting(),
      name: 'slice',
      kind: 'slice',
      runSlice: async (_, { db }) => void (await db.query(NOTE, [9])),
    };
    const owner = await world.own([three()], { handlers: [noting(), repositoryActivity, last] });
    await owner.worker.run();
    expect(await noted()).toEqual([0, 1, 2, 9].map((offset) => `${offset} hookline_handlers`));
    expect(await world.audited(owner.fence)).toEqual(['0 processed', '1 processed', '2 processed']);
    const { rows } = await world.database.query('select deliveries::int from hookline.repository_activity');
    expect(rows).toEqual([{ deliveries: 1 }, { deliveries: 1 }, { deliveries: 1 }]);
  });

  it('ask what is late between statements of theirs, which stay under their role', async () => {
    const answers: boolean[] = [];
    const asking: Handler = {
      kind: 'delivery',
      name: 'asking',
      on: ['issues'],
      async run({ offset }, { db, order }) {
        await db.query(NOTE, [offset]);
        answers.push(await order.stale());
        await db.query(NOTE, [offset + 10n]);
      },
    };
    const at = (offset: number, day: number) =>
      world.read(offset, aDelivery({ payload: { issue: { id: 1, updated_at: `2026-01-0${day}T00:00:00Z` } } }));
    const owner = await world.own([[at(0, 3), at(1, 2)]], { handlers: [asking] });
    await owner.worker.run();
    expect(answers).toEqual([false, true]);
    expect(await noted()).toEqual([0, 1, 10, 11].map((offset) => `${offset} hookline_handlers`));
    expect(await world.audited(owner.fence)).toEqual(['0 processed', '1 processed']);
  });

  it.each([
    ['writes the audit', `insert into hookline.audit_log (stage) values ('log')`],
    ['removes a claim', 'delete from hookline.processed_deliveries'],
    ['moves the offset', 'update hookline.partition_offsets set next_offset = 0'],
    ['asks to be somebody else', 'reset role'],
    ['becomes somebody else', `select set_config('role', 'none', true)`],
    ['becomes somebody else for good', `do $$ begin set role local_processor; end $$`],
  ])('that %s fails for its delivery, and for no other', async (_, statement) => {
    const owner = await world.own([three()], { handlers: [repositoryActivity, noting((db) => db.query(statement))] });
    await owner.worker.run();
    expect(await world.audited(owner.fence)).toEqual(['0 processed', '1 parked', '2 processed']);
    expect(await noted()).toEqual(['0 hookline_handlers', '2 hookline_handlers']);
    expect(await world.storedOffset(owner.fence)).toBe(3);
  });

  it('cost three statements for the whole slice, and none where none of them asks for its database', async () => {
    const counting = async (handlers: Handler[]) => {
      const sent: string[] = [];
      const owner = await world.own([three()], { handlers, database: telling(world.database, sent) });
      await owner.worker.run();
      return sent.length;
    };
    const silent: Handler = { kind: 'delivery', name: 'silent', on: ['*'], run: () => Promise.resolve() };
    const alone = await counting([repositoryActivity]);
    expect(await counting([repositoryActivity, silent])).toBe(alone);
    // Three deliveries, a statement of the handler's each.
    expect(await counting([repositoryActivity, noting()])).toBe(alone + 3 + 3);
  });

  it('are nobody to blame where the processor may not take on their role: it is tried until somebody grants it', async () => {
    const role = `handlers_${randomBytes(6).toString('hex')}`;
    const owner = await world.own([three()], { handlers: [noting()], handlersRole: role });
    const running = owner.worker.run();
    await until('it was tried', () => owner.errors.length > 1);
    await world.database.query(
      `create role ${role}; grant insert on noted to ${role}; grant ${role} to local_processor`,
    );
    await running;
    expect(await world.audited(owner.fence)).toEqual(['0 processed', '1 processed', '2 processed']);
    expect(await noted()).toEqual([0, 1, 2].map((offset) => `${offset} ${role}`));
    await world.database.query(`drop owned by ${role}; drop role ${role}`);
  });
});

/** The same database, which tells of each statement of its transactions. */
function telling(real: Database, sent: string[]): Database {
  return {
    ...real,
    async acquire() {
      const client = await real.acquire();
      return {
        ...client,
        query(text, values) {
          sent.push(text);
          return client.query(text, values);
        },
      };
    },
  };
}
