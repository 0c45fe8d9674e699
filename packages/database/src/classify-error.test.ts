import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { isConflict, isPassing, isRefusal } from './classify-error.ts';
import type { Database } from './database.ts';
import { processId, waitingForLock } from './testing/backends.ts';
import { commit, transaction } from './transaction.ts';

function coded(code: string): Error {
  return Object.assign(new Error('refused'), { code });
}

describe('an error by its code', () => {
  it.each([
    ['08006', 'connection_failure'],
    ['40001', 'serialization_failure'],
    ['40P01', 'deadlock_detected'],
    ['53300', 'too_many_connections'],
    ['53100', 'disk_full'],
    ['55P03', 'lock_not_available'],
    ['57P01', 'admin_shutdown'],
    ['57P02', 'crash_shutdown'],
    ['57P03', 'cannot_connect_now'],
    ['58030', 'io_error'],
    ['ECONNREFUSED', 'no server'],
    ['ECONNRESET', 'the server is gone'],
    ['EPIPE', 'the server is gone'],
    ['ETIMEDOUT', 'no route'],
    ['EHOSTUNREACH', 'no route'],
    ['ENETUNREACH', 'no route'],
    ['ENOTFOUND', 'no such host, for now'],
    ['EAI_AGAIN', 'no name server'],
  ])('%s (%s) says nothing about the statement: the same work can succeed later', (code) => {
    expect(isPassing(coded(code))).toBe(true);
  });

  it.each([
    ['22012', 'division_by_zero'],
    ['23505', 'unique_violation'],
    ['23514', 'check_violation'],
    ['25P02', 'in_failed_sql_transaction'],
    ['42601', 'syntax_error'],
    ['42P01', 'undefined_table'],
    ['57014', 'query_canceled: a statement that takes too long takes too long again'],
    ['55006', 'object_in_use'],
    ['P0001', 'raise_exception'],
    ['ENOENT', 'a file'],
    ['408', 'not five characters'],
    ['08', 'not five characters'],
    ['408001', 'not five characters'],
  ])('%s (%s) is its fault: trying again for ever would help nobody', (code) => {
    expect(isPassing(coded(code))).toBe(false);
  });

  it.each([
    ['40001', true],
    ['40P01', true],
    ['55P03', true],
    ['53300', false],
    ['57P01', false],
    ['08006', false],
    ['55006', false],
    ['23505', false],
  ])('%s tells of two transactions in each other’s way: %s', (code, conflict) => {
    expect(isConflict(coded(code))).toBe(conflict);
    expect(isConflict(new Error('the handler failed', { cause: coded(code) }))).toBe(conflict);
  });

  it('is found in the causes, since whoever rethrows adds words and not codes', () => {
    const wrapped = new Error('the handler failed', {
      cause: new Error('the query failed', { cause: coded('40P01') }),
    });
    expect(isPassing(wrapped)).toBe(true);
    expect(isPassing(new Error('no cause'))).toBe(false);
    expect(isPassing(new Error('a text', { cause: 'ECONNREFUSED' }))).toBe(false);
  });

  it('is not looked for without an end in causes that go round', () => {
    const first = new Error('first');
    const second = new Error('second', { cause: first });
    first.cause = second;
    expect(isPassing(first)).toBe(false);
  });

  it.each([undefined, null, 'ECONNREFUSED', 40, { code: '40P01' }, { code: '40P01', message: 1 }])(
    'is not in %j, which is no error',
    (thrown) => {
      expect(isPassing(thrown)).toBe(false);
    },
  );

  it('is not a code that is no text', () => {
    expect(isPassing(Object.assign(new Error('numbered'), { code: 40_001 }))).toBe(false);
  });
});

describe('a real error', () => {
  let own: TestDatabase;
  let database: Database;
  let observer: Database;

  beforeAll(async () => {
    own = await testDatabase();
    database = connectTo(own.url);
    observer = connectTo(own.url, { applicationName: 'observer' });
    await database.query('create table notes (id integer primary key, note text)');
    await database.query("insert into notes values (1, 'one'), (2, 'two')");
  });
  afterAll(async () => {
    await Promise.all([database.close(), observer.close()]);
    await own.drop();
  });

  const errorOf = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('of a refused connection passes, at one address and at several', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const nowhere = connectTo(`postgres://nobody@${host}:1/none`);
      const error = await errorOf(nowhere.query('select 1'));
      expect(isPassing(error)).toBe(true);
      await nowhere.close();
    }
  });

  it('of a backend that was terminated in a statement passes, and so does every error of that connection after it', async () => {
    const client = await database.acquire();
    const sleeping = errorOf(client.query('select pg_sleep(60), 1 as victim'));
    await observer.query('select pg_terminate_backend($1)', [await sleepingVictim()]);
    const first = await sleeping;
    expect(first).toMatchObject({ code: '57P01' });
    expect(isPassing(first)).toBe(true);
    const second = await errorOf(client.query('select 1'));
    // Of the socket, or of the client that knows that it has ended.
    expect(second).toMatchObject({ message: expect.any(String) });
    expect(isPassing(second)).toBe(true);
    client.release(true);
  });

  async function sleepingVictim(): Promise<number> {
    for (;;) {
      const { rows } = await observer.query<{ pid: number }>(
        `select pid from pg_stat_activity where query like '%1 as victim' and wait_event = 'PgSleep'`,
      );
      if (rows[0]) return rows[0].pid;
    }
  }

  it('of a deadlock passes: the other one has gone through by then', async () => {
    const update = (id: number) => `update notes set note = note || '!' where id = ${id}`;
    let survivor: Promise<unknown> | undefined;
    // The victim is who looks for a deadlock first: the one that closes the circle, since the other looks in a minute.
    const victim = transaction(database, {}, async (tx) => {
      await tx.query("set local deadlock_timeout = '10ms'");
      await tx.query(update(1));
      survivor = transaction(database, { applicationName: 'survivor' }, async (other) => {
        await other.query("set local deadlock_timeout = '60s'");
        await other.query(update(2));
        return commit(await other.query(update(1)));
      });
      await waitingForLock(observer, 'survivor');
      return commit(await tx.query(update(2)));
    });
    const error = await errorOf(victim);
    expect(error).toMatchObject({ code: '40P01' });
    expect(isPassing(error)).toBe(true);
    expect(await survivor).toMatchObject({ rowCount: 1 });
  });

  it('of a lock that was not to be had in time passes', async () => {
    const error = await transaction(database, {}, async (holder) => {
      await holder.query('lock table notes');
      return commit(
        await errorOf(
          transaction(database, { lockTimeoutMs: 10 }, async (tx) => commit(await tx.query('select from notes'))),
        ),
      );
    });
    expect(error).toMatchObject({ code: '55P03' });
    expect(isPassing(error)).toBe(true);
  });

  it('of a statement that took too long is its own fault', async () => {
    const error = await errorOf(
      transaction(database, { statementTimeoutMs: 10 }, async (tx) => commit(await tx.query('select pg_sleep(60)'))),
    );
    expect(error).toMatchObject({ code: '57014' });
    expect(isPassing(error)).toBe(false);
  });

  it('of a server that does not answer passes', async () => {
    const impatient = connectTo(own.url, { queryTimeoutMs: 50, applicationName: 'impatient' });
    expect(isPassing(await errorOf(impatient.query('select pg_sleep(5)')))).toBe(true);
    await impatient.close();
  });

  it('of a pool that has no connection free passes', async () => {
    // Long enough for the one connection that there is, on a busy machine.
    const small = connectTo(own.url, { poolSize: 1, connectTimeoutMs: 1000 });
    const held = await small.acquire();
    expect(isPassing(await errorOf(small.query('select 1')))).toBe(true);
    held.release();
    await small.close();
  });

  it('of a client that was given up passes: whoever still holds it is not to blame', async () => {
    const client = await database.acquire();
    await processId(client);
    client.release(true);
    expect(isPassing(await errorOf(client.query('select 1')))).toBe(true);
  });
});

describe('a refusal', () => {
  const coded = (code: string) => Object.assign(new Error(code), { code });

  it.each(['23505', '22P05', 'P0001', '42501', '25006', 'XX000'])('is %s: the same will be refused again', (code) => {
    expect(isRefusal(coded(code))).toBe(true);
    expect(isRefusal(new Error('wrapped', { cause: coded(code) }))).toBe(true);
  });

  it.each(['40001', '55P03', '57P01', '53100', '08006', '57014', 'EPIPE', 'ECONNRESET', ''])('is not %p', (code) => {
    expect(isRefusal(coded(code))).toBe(false);
  });
});
