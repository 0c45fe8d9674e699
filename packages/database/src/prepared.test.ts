import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startPgbouncer, testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { isPassing } from './classify-error.ts';
import type { AcquiredClient, Database } from './database.ts';
import { prepared } from './prepared.ts';
import { commit, transaction } from './transaction.ts';

const DOUBLE = prepared('select 2 * $1::integer as twice');

let own: TestDatabase;
let database: Database;
/** One session, past any pooler, also behind an error. */
let session: AcquiredClient;

beforeEach(async () => {
  own = await testDatabase();
  await open();
});
afterEach(async () => {
  await close();
  await own.drop();
});

async function open(): Promise<void> {
  database = connectTo(own.direct, { poolSize: 1 });
  session = await database.acquire();
}

async function close(): Promise<void> {
  session.release();
  await database.close();
}

async function known(): Promise<{ name: string; statement: string; runs: number }[]> {
  const { rows } = await session.query<{ name: string; statement: string; runs: number }>(
    `select name, statement, (generic_plans + custom_plans)::integer as runs
       from pg_prepared_statements
      where name like 'hookline%'`,
  );
  return rows;
}

const twice = async (n: number): Promise<unknown> => (await session.query(DOUBLE, [n])).rows;

describe('a statement that is prepared', () => {
  it('is parsed once by a session, and no other statement is kept there', async () => {
    await session.query('select 3 * $1::integer', [1]);
    expect(await twice(1)).toEqual([{ twice: 2 }]);
    expect(await twice(2)).toEqual([{ twice: 4 }]);
    expect(await known()).toEqual([{ name: expect.any(String), statement: DOUBLE, runs: 2 }]);
  });

  it('is sent as any other behind a pooler, where the next transaction may have another session', async () => {
    const pgbouncer = await startPgbouncer(own.direct);
    const pooled = connectTo(pgbouncer.through(own.direct), { poolSize: 1 });
    try {
      const found = await transaction(pooled, {}, async (tx) => {
        expect((await tx.query(DOUBLE, [2])).rows).toEqual([{ twice: 4 }]);
        return commit(await tx.query(`select statement from pg_prepared_statements where name like 'hookline%'`));
      });
      expect(found.rows).toEqual([]);
    } finally {
      await pooled.close();
      await pgbouncer.stop();
    }
  });

  async function forget(): Promise<void> {
    await session.query('deallocate all');
  }

  async function giveItAway(): Promise<void> {
    const [one] = await known();
    await close();
    await open();
    await session.query(`prepare "${one?.name}" as select 1`);
  }

  it.each([
    ['does not have it', forget, '26000'],
    ['has it of somebody else', giveItAway, '42P05'],
  ])("is sent as any other once a session %s, which is nobody's fault", async (_, happens, code) => {
    await twice(1);
    await happens();
    const error = await twice(2).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(isPassing(error)).toBe(true);
    expect(await twice(3)).toEqual([{ twice: 6 }]);
  });
});
