import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { commit, rollback, transaction, type Database } from '@hookline/database';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { HandlerMisuse } from './handler-misuse.ts';
import { scopedDatabase } from './scoped-database.ts';

let own: TestDatabase;
let database: Database;

beforeAll(async () => {
  own = await testDatabase();
  database = connectTo(own.url, { poolSize: 2 });
  await database.query('create table notes (note text)');
});
beforeEach(async () => {
  await database.query('truncate notes');
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

async function notes(): Promise<unknown[]> {
  const { rows } = await database.query<{ note: string }>('select note from notes order by note');
  return rows.map(({ note }) => note);
}

describe("a handler's database", () => {
  it('is the transaction that it was lent: its writes commit and roll back with that', async () => {
    for (const end of [commit, rollback]) {
      await transaction(database, {}, async (tx) => {
        const { db, settle } = scopedDatabase(tx, 'welcome');
        const { rows, rowCount } = await db.query<{ note: string }>('insert into notes values ($1) returning note', [
          end.name,
        ]);
        expect({ rows, rowCount }).toEqual({ rows: [{ note: end.name }], rowCount: 1 });
        settle();
        return end(null);
      });
    }
    expect(await notes()).toEqual(['commit']);
  });

  it.each(['settle', 'close'] as const)(
    'is over after %s: a query then would be in nobody’s transaction',
    async (end) => {
      await transaction(database, {}, async (tx) => {
        const scope = scopedDatabase(tx, 'welcome');
        scope[end]();
        await expect(scope.db.query("insert into notes values ('late')")).rejects.toThrow(
          new HandlerMisuse('Handler welcome used its database after it had settled.'),
        );
        return commit(null);
      });
      expect(await notes()).toEqual([]);
    },
  );

  it('may not have a query pending when the handler settles: its outcome would belong to nobody', async () => {
    await transaction(database, {}, async (tx) => {
      const { db, settle } = scopedDatabase(tx, 'welcome');
      const floating = db.query("insert into notes values ('floating')");
      expect(settle).toThrow(new HandlerMisuse('Handler welcome settled with a query pending: await every query.'));
      await floating;
      return rollback(null);
    });
  });

  // Its delivery fails for it; a rejection that nobody awaits would end the process besides, with all that it works on.
  it('does not end the process with a query that floats, and fails when nobody listens any more', async () => {
    const script = `
      import { scopedDatabase } from ${JSON.stringify(new URL('scoped-database.ts', import.meta.url).href)};
      const { db, close } = scopedDatabase({ query: () => Promise.reject(new Error('Connection terminated')) }, 'h');
      void db.query('floats');
      close();
      void db.query('comes too late');
      setTimeout(() => console.log('alive'), 10);`;
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    expect((await run).stdout).toBe('alive\n');
  });

  it('counts the queries that are pending, not those that have been', async () => {
    await transaction(database, {}, async (tx) => {
      const { db, settle } = scopedDatabase(tx, 'welcome');
      await db.query('select 1');
      const floating = [db.query('select 2'), db.query('select 3')];
      expect(settle).toThrow('Handler welcome settled with 2 queries pending: await every query.');
      await Promise.all(floating);
      expect(settle).not.toThrow();
      return rollback(null);
    });
  });

  it('shows an SQL error that the handler swallowed: PostgreSQL has given the transaction up by then', async () => {
    const failing = transaction(database, {}, async (tx) => {
      const { db, settle } = scopedDatabase(tx, 'welcome');
      await db.query("insert into notes values ('before')");
      const error = await db.query('select 1/0').catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: '22012' });
      try {
        settle();
      } catch (misuse) {
        expect(misuse).toMatchObject({ name: 'HandlerMisuse', cause: error });
        throw misuse;
      }
      return commit(null);
    });
    await expect(failing).rejects.toThrow('Handler welcome swallowed an SQL error; the transaction was already lost.');
    expect(await notes()).toEqual([]);
  });

  it.each(['commit', 'rollback'])('shows a stray %j, also one that the handler swallowed', async (stray) => {
    const failing = transaction(database, {}, async (tx) => {
      const { db, settle } = scopedDatabase(tx, 'welcome');
      await db.query(stray).catch(() => {});
      settle();
      return commit(null);
    });
    await expect(failing).rejects.toThrow(HandlerMisuse);
  });

  it('is closed without a word when the handler has failed already: its own error is the one to tell', async () => {
    await transaction(database, {}, async (tx) => {
      const { db, close } = scopedDatabase(tx, 'welcome');
      await db.query('select 1/0').catch(() => {});
      expect(close).not.toThrow();
      return rollback(null);
    });
  });
});
