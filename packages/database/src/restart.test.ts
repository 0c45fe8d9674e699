import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ownStack, type Stack } from '@hookline/local-stack';
import { connectTo, until } from '@hookline/test-support';
import { isPassing } from './classify-error.ts';
import type { Database } from './database.ts';
import { commit, transaction } from './transaction.ts';

let stack: Stack;
let database: Database;
const connectionErrors: Error[] = [];

beforeAll(async () => {
  stack = await ownStack({ parts: ['postgres'] });
  database = connectTo(stack.addresses.databaseUrl, {
    connectTimeoutMs: 500,
    queryTimeoutMs: 2000,
    onConnectionError: (error) => connectionErrors.push(error),
  });
  await database.query('create table notes (note text)');
});
afterAll(async () => {
  await database.close();
  await stack.stop();
});

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

async function notes(): Promise<string[]> {
  const { rows } = await database.query<{ note: string }>('select note from notes order by note');
  return rows.map((row) => row.note);
}

describe('a pool', () => {
  it('survives a restart of the server: idle connections are told of, and the next query connects anew', async () => {
    await database.query("insert into notes values ('before the restart')");
    await stack.postgres.stop();
    await until('the pool has noticed', () => Promise.resolve(connectionErrors.length > 0));
    const away = await errorOf(database.query('select 1'));
    expect(isPassing(away)).toBe(true);
    await stack.postgres.start();
    expect(await notes()).toEqual(['before the restart']);
  });

  it('survives a power cut in mid-transaction: that one rejects and wrote nothing, what was committed is there', async () => {
    await database.query('truncate notes');
    await database.query("insert into notes values ('committed')");
    const cut = errorOf(
      transaction(database, {}, async (tx) => {
        await tx.query("insert into notes values ('in flight')");
        await stack.postgres.kill();
        return commit(await tx.query("insert into notes values ('too late')"));
      }),
    );
    const error = await cut;
    expect(isPassing(error)).toBe(true);
    await stack.postgres.start();
    expect(await notes()).toEqual(['committed']);
  });

  it('tells within its timeouts of a server that hangs, and goes on when that answers again', async () => {
    await database.query('select 1');
    await stack.postgres.pause();
    const errors = await Promise.all([
      errorOf(database.query('select 1')),
      errorOf(transaction(database, {}, async (tx) => commit(await tx.query('select 1')))),
    ]);
    await stack.postgres.resume();
    expect(errors.map(isPassing)).toEqual([true, true]);
    expect(await notes()).toEqual(['committed']);
  });
});
