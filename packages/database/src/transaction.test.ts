import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo, until } from '@hookline/test-support';
import { allAnswered } from './all-answered.ts';
import type { Database } from './database.ts';
import { TransactionLost } from './guarded-client.ts';
import { activeNames, processId } from './testing/backends.ts';
import { createGate } from './testing/gate.ts';
import { commit, rollback, transaction } from './transaction.ts';

let own: TestDatabase;
let database: Database;
let observer: Database;
/** With one connection, past any pooler: whatever a transaction leaves behind is what the next one gets. */
let single: Database;

beforeAll(async () => {
  own = await testDatabase();
  database = connectTo(own.url);
  observer = connectTo(own.url, { applicationName: 'observer' });
  single = connectTo(own.direct, { poolSize: 1, applicationName: 'single' });
  await observer.query('create table notes (note text)');
});
beforeEach(async () => {
  await observer.query('truncate notes');
});
afterAll(async () => {
  await Promise.all([database.close(), observer.close(), single.close()]);
  await own.drop();
});

const note = (text: string) => `insert into notes values ('${text}')`;

async function notes(): Promise<string[]> {
  const { rows } = await observer.query<{ note: string }>('select note from notes order by note');
  return rows.map((row) => row.note);
}

async function show(on: Pick<Database, 'query'>, setting: string): Promise<string> {
  const { rows } = await on.query<{ value: string }>('select current_setting($1) as value', [setting]);
  return rows[0]?.value ?? '';
}

describe('a transaction', () => {
  it('commits what its work decides to commit, and returns its value', async () => {
    const value = await transaction(database, {}, async (tx) => {
      await tx.query(note('kept'));
      expect(await notes()).toEqual([]);
      return commit('value');
    });
    expect(value).toBe('value');
    expect(await notes()).toEqual(['kept']);
  });

  it('rolls back by value: a refusal is a result, not an exception', async () => {
    const value = await transaction(single, {}, async (tx) => {
      await tx.query(note('lost'));
      return rollback({ success: false });
    });
    expect(value).toEqual({ success: false });
    expect(await notes()).toEqual([]);
    expect(await show(single, 'transaction_isolation')).toBe('read committed');
  });

  it('rolls back when its work throws, throws that very error, and its connection goes on', async () => {
    const before = await processId(single);
    const error = new Error('a bug');
    const failing = transaction(single, {}, async (tx) => {
      await tx.query(note('lost'));
      throw error;
    });
    await expect(failing).rejects.toBe(error);
    expect(await notes()).toEqual([]);
    expect(await processId(single)).toBe(before);
  });

  it('passes on an SQL error as the server said it', async () => {
    const failing = transaction(database, {}, async (tx) => commit(await tx.query('select 1/0')));
    await expect(failing).rejects.toMatchObject({ code: '22012' });
  });

  it('has settings that end with it: the next user of the connection must not inherit a timeout or a name', async () => {
    const settings = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'application_name'];
    const read = async (on: Pick<Database, 'query'>) => {
      const values = [];
      for (const setting of settings) values.push(await show(on, setting));
      return values;
    };
    const before = await read(single);
    const options = { statementTimeoutMs: 1234, lockTimeoutMs: 567, idleTimeoutMs: 8000, applicationName: "it's/1" };
    const within = await transaction(single, options, async (tx) => commit(await read(tx)));
    expect(within).toEqual(['1234ms', '567ms', '8s', "it's/1"]);
    expect(await read(single)).toEqual(before);
    expect(before).toEqual(['0', '0', '0', 'single']);
  });

  it('is seen under its name from another connection while it runs: a takeover finds it by that', async () => {
    await transaction(database, { applicationName: 'hookline/abc/7/3' }, async (tx) => {
      await tx.query('select');
      expect(await activeNames(observer)).toEqual(['hookline/abc/7/3']);
      return rollback(null);
    });
    expect(await activeNames(observer)).toEqual([]);
  });

  it('does nothing where it cannot begin as it should, and its connection goes on', async () => {
    const before = await processId(single);
    const failing = transaction(single, { statementTimeoutMs: -5 }, async (tx) => commit(await tx.query(note('out'))));
    await expect(failing).rejects.toMatchObject({ code: '22023' });
    expect(await notes()).toEqual([]);
    expect(await processId(single)).toBe(before);
  });

  it('sends what is not waited for at once, and tells what failed first of what failed together', async () => {
    const before = await processId(single);
    const failing = transaction(single, {}, async (tx) => {
      await allAnswered([tx.query(note('lost')), tx.query('select 1/0'), tx.query(note('behind'))]);
      return commit(null);
    });
    await expect(failing).rejects.toMatchObject({ code: '22012' });
    expect(await notes()).toEqual([]);
    expect(await processId(single)).toBe(before);
  });

  it('waits for a lock no longer than it is told', async () => {
    await transaction(database, {}, async (holder) => {
      await holder.query('lock table notes');
      const waiting = transaction(database, { lockTimeoutMs: 20 }, async (tx) => commit(await tx.query(note('x'))));
      await expect(waiting).rejects.toMatchObject({ code: '55P03' });
      return rollback(null);
    });
  });
});

describe('a transaction that is over before its end', () => {
  it('is lost when a failed statement was swallowed: PostgreSQL answers its COMMIT by ROLLBACK, without an error', async () => {
    const swallowing = transaction(database, {}, async (tx) => {
      await tx.query(note('lost'));
      await tx.query('select 1/0').catch(() => {});
      return commit(null);
    });
    await expect(swallowing).rejects.toThrow(
      new TransactionLost('COMMIT was answered by ROLLBACK: nothing was written.'),
    );
    expect(await notes()).toEqual([]);
  });

  it.each(['commit', 'rollback', 'commit; select 1'])(
    'is lost when its work sends %j itself: what follows would commit by itself, statement by statement',
    async (statement) => {
      const stray = transaction(single, {}, async (tx) => {
        await expect(tx.query(statement)).rejects.toThrow(/The transaction was ended by its own/);
        await expect(tx.query(note('after'))).rejects.toThrow(/after another had ended the transaction/);
        return commit(null);
      });
      await expect(stray).rejects.toThrow(new TransactionLost('The transaction was ended before its COMMIT.'));
      expect(await notes()).toEqual([]);
    },
  );

  it.each(['commit and chain', 'commit and chain; select 1'])(
    'knows %j, which is inside another transaction at once, but no longer has its locks',
    async (statement) => {
      const stray = transaction(single, {}, async (tx) => commit(await tx.query(statement)));
      await expect(stray).rejects.toThrow(new TransactionLost('The transaction was ended by its own COMMIT.'));
    },
  );

  it('takes no statement after its end: that would run in whatever transaction has the connection next', async () => {
    const kept: Pick<Database, 'query'>[] = [];
    await transaction(single, {}, (tx) => {
      kept.push(tx);
      return Promise.resolve(commit(null));
    });
    await transaction(single, {}, async () => {
      await expect(kept[0]?.query(note('stray'))).rejects.toThrow(/after its transaction had ended/);
      return commit(null);
    });
    expect(await notes()).toEqual([]);
  });
});

describe('a transaction that is aborted', () => {
  const reason = new Error('the partition was lost');

  it('gives its connection up at once, although the server is busy: a rebalance waits for no handler', async () => {
    const abort = new AbortController();
    const sleeping = transaction(single, { signal: abort.signal, applicationName: 'sleeper' }, async (tx) => {
      await tx.query(note('lost'));
      await tx.query('select pg_sleep(60)');
      return commit(null);
    });
    await until('the server sleeps', async () => (await activeNames(observer)).includes('sleeper'));
    abort.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    // The pool of one has a connection again while the server still sleeps.
    expect(await show(single, 'application_name')).toBe('single');
    expect(await notes()).toEqual([]);
    await observer.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sleeper'`);
  });

  // A lock that is held for as long as the statement takes would hold up whoever comes next, on any connection.
  it('frees its locks soon, although its statement goes on and has no timeout any more', async () => {
    const abort = new AbortController();
    const options = { signal: abort.signal, applicationName: 'endless', statementTimeoutMs: 60_000 };
    const endless = transaction(database, options, async (tx) => {
      await tx.query('lock table notes');
      await tx.query('set statement_timeout = 0');
      await tx.query('select pg_sleep(3600)');
      return commit(null);
    });
    await until('the server sleeps', async () => {
      const sleeping = `select from pg_stat_activity where application_name = 'endless' and wait_event = 'PgSleep'`;
      return (await observer.query(sleeping)).rowCount === 1;
    });
    abort.abort(reason);
    await expect(endless).rejects.toBe(reason);
    await transaction(database, { lockTimeoutMs: 30_000 }, async (tx) => commit(await tx.query('lock table notes')));
  });

  it('gives its connection up at once, although its work never returns', async () => {
    const abort = new AbortController();
    const begun = createGate();
    const hanging = transaction(single, { signal: abort.signal }, async () => {
      begun.open();
      return new Promise<never>(() => {});
    });
    await begun.opened;
    abort.abort(reason);
    await expect(hanging).rejects.toBe(reason);
    expect(await show(single, 'application_name')).toBe('single');
  });

  it('lets nothing more of its work reach the database', async () => {
    const abort = new AbortController();
    const outcome = createGate();
    let late: unknown;
    const aborted = transaction(database, { signal: abort.signal }, async (tx) => {
      abort.abort(reason);
      // By then `transaction` has rejected and its connection is gone.
      await new Promise(setImmediate);
      late = await tx.query(note('late')).catch((error: unknown) => error);
      outcome.open();
      return commit(null);
    });
    await expect(aborted).rejects.toBe(reason);
    await outcome.opened;
    expect(late).toBeInstanceOf(TransactionLost);
    expect(await notes()).toEqual([]);
  });

  it('does not begin when it was aborted before, nor when it was while it waited for a connection', async () => {
    const before = transaction(single, { signal: AbortSignal.abort(reason) }, () => Promise.reject(new Error('ran')));
    await expect(before).rejects.toBe(reason);

    const abort = new AbortController();
    const held = await single.acquire();
    const waiting = transaction(single, { signal: abort.signal }, () => Promise.reject(new Error('ran')));
    abort.abort(reason);
    held.release();
    await expect(waiting).rejects.toBe(reason);
  });
});

describe('a transaction whose connection fails', () => {
  it('rejects when the server ends it, ends no process of ours, and the next one has a new connection', async () => {
    const failing = transaction(single, {}, async (tx) => {
      await tx.query(note('lost'));
      const pid = await processId(tx);
      await observer.query('select pg_terminate_backend($1)', [pid]);
      await until('the backend is gone', async () => {
        const { rowCount } = await observer.query('select from pg_stat_activity where pid = $1', [pid]);
        return rowCount === 0;
      });
      await tx.query(note('lost too'));
      return commit(null);
    });
    await expect(failing).rejects.toThrow();
    expect(await notes()).toEqual([]);
    expect(await show(single, 'application_name')).toBe('single');
  });

  it('does not wait for its ROLLBACK behind a statement that has just been found not to answer', async () => {
    const impatient = connectTo(own.url, { poolSize: 1, queryTimeoutMs: 300, applicationName: 'impatient' });
    const sent: string[] = [];
    const unanswered = transaction(recording(impatient, sent), {}, async (tx) =>
      commit(await tx.query('select pg_sleep(60)')),
    );
    await expect(unanswered).rejects.toThrow('Query read timeout');
    expect(sent).toEqual([expect.stringMatching(/^begin;/), 'select pg_sleep(60)']);
    expect(await show(impatient, 'application_name')).toBe('impatient');
    await impatient.close();
    await observer.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'impatient'`);
  });

  it('does not wait for statements that its work left running when it rolls back', async () => {
    const sent: string[] = [];
    const value = await transaction(recording(single, sent), { applicationName: 'floating' }, async (tx) => {
      void tx.query('select pg_sleep(60)').catch(() => {});
      return Promise.resolve(rollback('gave the handler up'));
    });
    // A ROLLBACK would have been answered when the server had slept enough.
    expect(sent).toEqual([expect.stringMatching(/^begin;/), 'select pg_sleep(60)']);
    expect(value).toBe('gave the handler up');
    await observer.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'floating'`);
  });

  it('rejects with the reason when there is no server', async () => {
    const nowhere = connectTo('postgres://nobody@127.0.0.1:1/none');
    await expect(transaction(nowhere, {}, () => Promise.reject(new Error('ran')))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    await nowhere.close();
  });
});

/** The same database, which also notes what its clients are sent. */
function recording(real: Database, sent: string[]): Database {
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
