import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '@hookline/database';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import type { Handler } from '../handler.ts';
import { handlers } from '../users/handlers.ts';
import { testHandler } from './index.ts';

const payload = {
  action: 'opened',
  issue: { number: 7 },
  repository: { id: 3, name: 'r', owner: { login: 'o' } },
  installation: { id: 5 },
};
const opened = { event: 'issues', payload };

describe('testHandler without a database', () => {
  it('runs what asks for the delivery, and no other, and tells what it did', async () => {
    const module = handlers(({ on, onJob }) => {
      on('issues.opened', 'welcome', ({ payload: { issue }, effects, log, delivery }) => {
        effects.githubComment({ issue, body: 'Hello' });
        effects.job('sync', { full: true });
        log.info({ key: delivery.orderingKey }, 'welcomed');
        log.warn('only a message');
      });
      on('issues.closed', 'goodbye', () => {});
      on('*', 'all', () => {});
      onJob('sync', () => {});
    });
    const { ran, effects, log, rows } = await testHandler(module, opened);
    expect(ran).toEqual(['welcome', 'all']);
    expect(effects).toEqual([
      {
        handler: 'welcome',
        kind: 'github.comment',
        key: '#0',
        queue: '',
        withBody: false,
        request: {
          namespace: 'github.com',
          source: 'test',
          installationId: '5',
          owner: 'o',
          repo: 'r',
          issueNumber: 7,
          body: 'Hello',
        },
      },
      expect.objectContaining({ handler: 'welcome', kind: 'kafka.publish', key: '#1' }),
    ]);
    expect(log).toEqual([
      { level: 'info', handler: 'welcome', message: 'welcomed', facts: { key: 'github.com/repository/3' } },
      { level: 'warn', handler: 'welcome', message: 'only a message', facts: {} },
    ]);
    expect(rows).toEqual([]);
  });

  it('runs the handler of a job, with its payload and cause', async () => {
    const seen: unknown[] = [];
    const module = handlers(({ onJob }) => {
      onJob<{ n: number }>('sync', ({ payload: { n }, cause: { guid, event }, delivery: { action } }) => {
        seen.push(n, guid, event, action);
      });
    });
    await testHandler(module, { job: 'sync', payload: { n: 1 }, cause: { guid: 'g' } });
    expect(seen).toEqual([1, 'g', 'push', 'sync']);
  });

  it.each([
    ['repository', payload, 'ghes/repository/3'],
    ['installation', { installation: { id: 5 } }, 'ghes/installation/5'],
    ['sender', { sender: { id: 9 } }, 'ghes/sender/9'],
    ['nobody', {}, 'ghes/scope/test'],
  ])('gives the delivery the key of its %s', async (_, given, expected) => {
    const keys: string[] = [];
    const module = handlers(({ on }) => on('*', 'all', ({ delivery }) => void keys.push(delivery.orderingKey)));
    await testHandler(module, { event: 'issues', payload: given, namespace: 'ghes' });
    expect(keys).toEqual([expected]);
  });

  it('runs slice handlers last, as a slice does', async () => {
    const slice: Handler = { kind: 'slice', name: 'slice', on: ['*'], runSlice: () => Promise.resolve() };
    const module = [slice, handlers(({ on }) => on('issues', () => {}))];
    expect((await testHandler(module, opened)).ran).toEqual(['issues', 'slice']);
  });

  it('rejects with the error of the handler', async () => {
    const error = new Error('no');
    const module = handlers(({ on }) => on('issues', () => Promise.reject(error)));
    await expect(testHandler(module, opened)).rejects.toBe(error);
  });

  it('refuses a module that a processor would refuse', async () => {
    await expect(testHandler([{}], opened)).rejects.toThrow('Its default export is no list of handlers');
    const wrong = handlers(({ on }) => on('issues.opend' as 'issues', 'a', () => {}));
    await expect(testHandler(wrong, opened)).rejects.toThrow('Did you mean issues.opened?');
  });

  it('says what a handler needs that asks the database', async () => {
    const module = handlers(({ on }) => on('issues', async ({ db }) => void (await db.query('select 1'))));
    await expect(testHandler(module, opened)).rejects.toThrow(
      'Handler issues asked the database: give testHandler a databaseUrl.',
    );
  });

  it('ends what was lent when the handler has settled', async () => {
    let late = () => {};
    const module = handlers(({ on }) => on('issues', ({ effects }) => void (late = () => effects.job('a', null))));
    await testHandler(module, opened);
    expect(() => late()).toThrow('asked for after the handler had settled');
  });
});

describe('testHandler with a database', () => {
  let own: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    own = await testDatabase();
    database = connectTo(own.url);
    await database.query('create table notes (note text)');
  });
  afterAll(async () => {
    await database.close();
    await own.drop();
  });

  const noting = handlers(({ on }) => {
    on('issues', async ({ db, payload: { issue } }) => {
      await db.query('insert into notes values ($1)', [`${issue.number}`]);
    });
  });
  const rows = 'select note, current_user::text as by from notes';
  const kept = async () => (await database.query('select note from notes')).rows;

  it.each([false, true])('shows the rows that handlers write under their role; keeps them: %s', async (commit) => {
    await database.query('truncate notes');
    const databaseUrl = own.services.processor;
    const tested = await testHandler(noting, opened, { databaseUrl, rows, commit });
    expect(tested.rows).toEqual([{ note: '7', by: 'hookline_handlers' }]);
    expect(await kept()).toEqual(commit ? [{ note: '7' }] : []);
  });

  it('keeps nothing of a handler that fails, whatever was asked for', async () => {
    await database.query('truncate notes');
    const failing = [noting, handlers(({ on }) => on('issues', 'fails', () => Promise.reject(new Error('no'))))];
    const options = { databaseUrl: own.services.processor, commit: true };
    await expect(testHandler(failing, opened, options)).rejects.toThrow('no');
    expect(await kept()).toEqual([]);
  });

  it('has no way to the tables of Hookline, as in production', async () => {
    const module = handlers(({ on }) =>
      on('issues', async ({ db }) => void (await db.query('select from hookline.lanes'))),
    );
    await expect(testHandler(module, opened, { databaseUrl: own.services.processor })).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('says what is missing where the user may not take on the role', async () => {
    await expect(testHandler(noting, opened, { databaseUrl: own.services.ingest })).rejects.toMatchObject({
      code: 'DATABASE_MISMATCH',
    });
  });

  it('lends knex in the same transaction, until the handler settles', async () => {
    await database.query('truncate notes');
    let late: Promise<unknown> | undefined;
    const module = handlers(({ on }) => {
      on('issues', async ({ knex, signal }) => {
        await knex('notes').insert({ note: 'by knex' });
        signal.addEventListener('abort', () => {
          late = Promise.resolve(knex('notes').insert({ note: 'late' }));
        });
      });
    });
    const ended = new AbortController();
    const options = { databaseUrl: own.services.processor, rows, commit: true, signal: ended.signal };
    expect((await testHandler(module, opened, options)).rows).toEqual([{ note: 'by knex', by: 'hookline_handlers' }]);
    ended.abort();
    await expect(late).rejects.toThrow('Handler issues used its database after it had settled.');
    expect(await kept()).toEqual([{ note: 'by knex' }]);
  });

  it('tells what is late by GitHub’s clock, and forgets what was rolled back', async () => {
    const answers: boolean[] = [];
    const module = handlers(({ on }) => on('issues', async ({ order }) => void answers.push(await order.stale())));
    const at = (second: number) => ({
      event: 'issues',
      payload: { ...payload, issue: { id: 1, number: 7, updated_at: new Date(second * 1000).toISOString() } },
    });
    const databaseUrl = own.services.processor;
    await testHandler(module, at(20), { databaseUrl, commit: false });
    for (const second of [10, 5, 10]) await testHandler(module, at(second), { databaseUrl, commit: true });
    expect(answers).toEqual([false, false, true, false]);
    await testHandler(module, at(1), { stale: true });
    await testHandler(module, at(1));
    expect(answers.slice(4)).toEqual([true, false]);
  });

  it('cannot tell of an event without a time what is late', async () => {
    const module = handlers(({ on }) => on('label', async ({ order }) => void (await order.stale())));
    const label = { event: 'label', payload: { action: 'edited', repository: { id: 3 } } };
    await expect(testHandler(module, label, { databaseUrl: own.services.processor })).rejects.toThrow(
      'Handler label asked whether a delivery of label is stale, which nobody can tell: It has no time of the change.',
    );
  });

  it('fails for a query that nobody awaits', async () => {
    const module = handlers(({ on }) => on('issues', ({ db }) => void db.query('select 1')));
    await expect(testHandler(module, opened, { databaseUrl: own.services.processor })).rejects.toThrow(
      'settled with a query pending',
    );
  });
});
