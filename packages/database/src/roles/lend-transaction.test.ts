import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { serviceUrls, testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import type { Database, Queryable } from '../database.ts';
import { commit, rollback, transaction } from '../transaction.ts';
import { lendTransaction, type LentTransaction } from './lend-transaction.ts';

const ROLE = 'hookline_handlers';

let own: TestDatabase;
let owner: Database;
/** With one connection: what a transaction leaves behind is what the next one gets. */
let single: Database;
/** The same past any pooler, which gives a session to many. */
let session: Database;

beforeAll(async () => {
  own = await testDatabase();
  owner = connectTo(own.url);
  const ours = { poolSize: 1, applicationName: 'processor' };
  single = connectTo(own.services.processor, ours);
  session = connectTo(serviceUrls(own.direct).processor, ours);
  await owner.query('create table public.notes (note text)');
  await owner.query('create function public.escape() returns void language sql as $$ set role local_processor $$');
});
beforeEach(async () => {
  await owner.query('truncate public.notes');
});
afterAll(async () => {
  await Promise.all([owner.close(), single.close(), session.close()]);
  await own.drop();
});

/** Lends a transaction that is committed when `borrow` has done and everything is had back. */
function lent(
  borrow: (tx: Queryable, loan: LentTransaction) => Promise<unknown>,
  after: (tx: Queryable) => Promise<unknown> = () => Promise.resolve(),
  on = single,
): Promise<void> {
  const limits = { statementTimeoutMs: 4321, lockTimeoutMs: 1234, idleTimeoutMs: 9876 };
  return transaction(on, { ...limits, applicationName: 'a name', keepPlans: true }, async (tx) => {
    const loan = lendTransaction(tx, ROLE);
    await borrow(loan.tx, loan);
    await loan.takeBack();
    await after(tx);
    return commit(undefined);
  });
}

async function one(on: Queryable, expression: string): Promise<unknown> {
  const { rows } = await on.query<{ value: unknown }>(`select ${expression} as value`);
  return rows[0]?.value;
}

async function all(on: Queryable, ...expressions: string[]): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const expression of expressions) values.push(await one(on, expression));
  return values;
}

const refused = { code: '42501' };

describe('a lent transaction', () => {
  it('runs as the other role, with its schema first; had back, it runs as we do, with the timeouts that it had', async () => {
    const settings = [
      'statement_timeout',
      'lock_timeout',
      'idle_in_transaction_session_timeout',
      'client_connection_check_interval',
      'application_name',
    ].map((name) => `current_setting('${name}')`);
    await lent(
      async (tx) => {
        expect(
          await all(tx, 'current_user::text', 'session_user::text', 'current_schema()::text', ...settings),
        ).toEqual([ROLE, 'local_processor', ROLE, '4321ms', '1234ms', '9876ms', '1s', 'a name']);
      },
      async (tx) => {
        expect(await all(tx, 'current_user::text', 'current_schema()::text', ...settings)).toEqual([
          'local_processor',
          'public',
          '4321ms',
          '1234ms',
          '9876ms',
          '1s',
          'a name',
        ]);
      },
      session,
    );
    expect(await all(session, 'current_user::text', ...settings)).toEqual([
      'local_processor',
      '0',
      '0',
      '0',
      '0',
      'processor',
    ]);
  });

  it('plans as the session does, and as its owner has asked when it is had back', async () => {
    const settings = ['plan_cache_mode', 'enable_seqscan', 'jit'].map((name) => `current_setting('${name}')`);
    const ofSession = await all(session, ...settings);
    const kept = ['force_generic_plan', 'off', 'off'];
    expect(ofSession).not.toEqual(kept);
    await lent(
      async (tx) => expect(await all(tx, ...settings)).toEqual(ofSession),
      async (tx) => expect(await all(tx, ...settings)).toEqual(kept),
      session,
    );
    expect(await all(session, ...settings)).toEqual(ofSession);
  });

  it("commits what was written under either role: it is one transaction, and a handler's rows are part of it", async () => {
    await lent(
      (tx) => tx.query("insert into notes values ('theirs')"),
      (tx) =>
        tx.query("insert into hookline.partition_halts values ('g', 't', 7, 'R', 'd', null, null, null, null, 'me')"),
    );
    expect(await one(owner, '(select note from notes)')).toBe('theirs');
    expect(await one(owner, '(select count(*)::int from hookline.partition_halts where kafka_partition = 7)')).toBe(1);
  });

  it('costs nothing until it is used, and then a statement at the begin and one at the end', async () => {
    const sent: string[] = [];
    await transaction(single, {}, async (tx) => {
      const counting: Queryable = {
        query(text, values) {
          sent.push(text);
          return tx.query(text, values);
        },
      };
      const loan = lendTransaction(counting, ROLE);
      await loan.takeBack();
      expect(sent).toEqual([]);
      await Promise.all([loan.tx.query('select 1'), loan.tx.query('select 2')]);
      await loan.takeBack();
      await loan.takeBack();
      return rollback(null);
    });
    // Two of them at the begin go out together.
    expect(sent.length).toBe(5);
  });

  it('takes statements of ours between, whenever they come, and keeps all others under the role of the borrower', async () => {
    const user = 'select current_user::text as value';
    await lent(async (tx, { between }) => {
      expect(await one(tx, 'current_user::text')).toBe(ROLE);
      const together = Array.from({ length: 20 }, async (_, i) => {
        const { rows } = await (i % 3 === 0 ? between : tx).query<{ value: string }>(user);
        return rows[0]?.value;
      });
      expect(await Promise.all(together)).toEqual(together.map((_, i) => (i % 3 === 0 ? 'local_processor' : ROLE)));
      const count = 'select count(*)::text as value from hookline.partition_offsets';
      expect((await between.query<{ value: string }>(count)).rows[0]?.value).toBe('0');
    });
    await lent(async (_, { between }) => {
      expect((await between.query<{ value: string }>(user)).rows[0]?.value).toBe('local_processor');
    });
  });

  it.each(['select 1/0', 'select 1 where false', 'select generate_series(1, 2)'])(
    'is lost with a statement of ours that fails, and does not go on under our role: %s',
    async (statement) => {
      const failing = lent(async (tx, { between }) => {
        await tx.query('select 1');
        await expect(between.query(statement)).rejects.toMatchObject({ code: expect.any(String) });
        await expect(tx.query('select 1')).rejects.toMatchObject({ code: '25P02' });
      });
      await expect(failing).rejects.toMatchObject({ code: '25P02' });
    },
  );

  it('can be lent again', async () => {
    await transaction(single, {}, async (tx) => {
      const loan = lendTransaction(tx, ROLE);
      for (const _ of [1, 2]) {
        expect(await one(loan.tx, 'current_user::text')).toBe(ROLE);
        await loan.takeBack();
        expect(await one(tx, 'current_user::text')).toBe('local_processor');
      }
      return rollback(null);
    });
  });

  it.each([
    'hookline.audit_log',
    'hookline.processed_deliveries',
    'hookline.partition_offsets',
    'hookline.repository_activity',
  ])('has no way to %s', async (table) => {
    for (const statement of [`select from ${table}`, `delete from ${table}`, `insert into ${table} default values`]) {
      await expect(lent((tx) => tx.query(statement))).rejects.toMatchObject(refused);
    }
  });
});

describe('a borrower that changes the role', () => {
  it.each([
    'reset role',
    'set role local_processor',
    'SET LOCAL ROLE none',
    'set session role none',
    'select 1; reset role',
    'set session authorization default',
    'reset session authorization',
  ])('by %j is refused at once, and is still who it was', async (statement) => {
    await lent(async (tx) => {
      await expect(tx.query(statement)).rejects.toThrow(
        'A handler runs as hookline_handlers, and may not change that.',
      );
      expect(await one(tx, 'current_user::text')).toBe(ROLE);
    });
  });

  it.each([
    `select set_config('role', 'none', false)`,
    `select set_config('role', 'local_processor', true)`,
    `do $$ begin reset role; end $$`,
    `select public.escape()`,
  ])('by %j is found out before anything of ours is written', async (statement) => {
    let went = false;
    await expect(
      lent(
        (tx) => tx.query(statement),
        () => Promise.resolve((went = true)),
      ),
    ).rejects.toMatchObject({
      code: 'HK001',
      message: 'A handler has changed the role of its transaction from hookline_handlers to local_processor.',
    });
    expect(went).toBe(false);
    expect(await one(single, 'current_user::text')).toBe('local_processor');
  });

  it('is found out where something of ours comes between, too', async () => {
    await expect(
      lent(async (tx, { between }) => {
        await tx.query('do $$ begin reset role; end $$');
        await between.query('select 1');
      }),
    ).rejects.toMatchObject({ code: 'HK001' });
  });

  it('is not mistaken for one that has a column of that name', async () => {
    await owner.query('create table public.people (role text)');
    await lent(async (tx) => {
      expect((await tx.query(`update people set role = 'none'`)).rowCount).toBe(0);
    });
  });
});

describe('what a borrower leaves behind', () => {
  const leftovers: [what: string, statement: string, left: string, unchanged: unknown][] = [
    ['a search_path', 'set search_path = evil', `current_setting('search_path')`, '"$user", public'],
    [
      'a format of dates',
      `select set_config('datestyle', 'German', false)`,
      `current_setting('datestyle')`,
      'ISO, MDY',
    ],
    ['a timeout', 'set statement_timeout = 1', `current_setting('statement_timeout')`, '0'],
    ['a setting of its own', `set my.own = 'left'`, `coalesce(current_setting('my.own', true), '')`, ''],
    [
      'a lock of the session',
      'select pg_advisory_lock(42)',
      `(select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())`,
      0,
    ],
    ['a temporary table', 'create temp table left_over (n int)', `to_regclass('pg_temp.left_over')::text`, null],
    ['a prepared statement', 'prepare left_over as select 1', '(select count(*)::int from pg_prepared_statements)', 0],
    [
      'a cursor',
      'declare left_over cursor with hold for select 1',
      `(select count(*)::int from pg_cursors where name = 'left_over')`,
      0,
    ],
  ];

  it.each(leftovers)('%s is gone for whoever has the connection next', async (_, statement, left, unchanged) => {
    await lent(async (tx) => {
      await tx.query(statement);
      expect(await one(tx, left)).not.toEqual(unchanged);
    });
    expect(await one(single, left)).toEqual(unchanged);
  });

  it('does not listen: it would hear from COMMIT on', async () => {
    await lent((tx) => tx.query('listen left_over'));
    expect(await one(single, '(select count(*)::int from pg_listening_channels())')).toBe(0);
  });

  it('is nothing that our own statements would see, either: they would be run by another search_path', async () => {
    await lent(
      (tx) => tx.query('set search_path = evil'),
      async (tx) => {
        expect(await one(tx, `current_setting('search_path')`)).toBe('"$user", public');
        expect(await one(tx, `current_setting('statement_timeout')`)).toBe('4321ms');
      },
    );
  });

  it('goes with its connection where it has ended the transaction by itself', async () => {
    const before = await one(session, 'pg_backend_pid()');
    const borrowed = lent((tx) => tx.query(`set search_path = evil; commit`), undefined, session);
    await expect(borrowed).rejects.toThrow(/was ended by its own/);
    expect(await one(session, 'pg_backend_pid()')).not.toBe(before);
    expect(await one(session, `current_setting('search_path')`)).toBe('"$user", public');
  });
});

describe('a role that may not be taken on', () => {
  it('is told to the operator, and is no failure of the borrower', async () => {
    const stranger = connectTo(own.services.ingest, { poolSize: 1 });
    await transaction(stranger, {}, async (tx) => {
      const loan = lendTransaction(tx, ROLE);
      await expect(loan.tx.query('select 1')).rejects.toMatchObject(refused);
      for (const tell of [() => loan.takeBack(), () => Promise.resolve().then(() => loan.throwIfRefused())]) {
        await expect(tell()).rejects.toMatchObject({
          code: 'DATABASE_MISMATCH',
          message: expect.stringContaining(`grant ${ROLE} to <login of the processor>`),
        });
      }
      return rollback(null);
    });
    await stranger.close();
  });
});
