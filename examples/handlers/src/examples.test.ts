import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testHandler } from '@hookline/handlers/testing';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import all from './index.ts';
import stars from './stars.ts';
import sync from './sync.ts';
import welcome from './welcome.ts';

// By require: the package is a JSON file, whose types do not fit its import.
const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as { name: string; examples: object[] }[];

/** A payload as GitHub sent it once, changed. */
function payloadOf(event: string, action: string | null, changes: object = {}): object {
  const { examples: payloads } = examples.find(({ name }) => name === event) ?? { examples: [] };
  const [payload] = payloads.filter((example) => ((example as { action?: string }).action ?? null) === action);
  return { ...payload, ...changes };
}

describe('the welcome', () => {
  const opened = (association: string) => {
    const payload = payloadOf('issues', 'opened') as { issue: object };
    return { event: 'issues', payload: { ...payload, issue: { ...payload.issue, author_association: association } } };
  };

  it('is one comment for whoever comes for the first time', async () => {
    const { effects, log } = await testHandler(welcome, opened('NONE'));
    expect(effects).toEqual([
      expect.objectContaining({
        kind: 'github.comment',
        request: expect.objectContaining({ issueNumber: 1, body: expect.stringMatching(/^Thank you, @Codertocat!/) }),
      }),
    ]);
    expect(log).toEqual([expect.objectContaining({ message: 'a newcomer is welcomed', facts: { issue: 1 } })]);
  });

  it('is not for those who belong to the project', async () => {
    expect((await testHandler(welcome, opened('MEMBER'))).effects).toEqual([]);
  });
});

describe('the stars', () => {
  let own: TestDatabase;
  beforeAll(async () => {
    own = await testDatabase();
    const database = connectTo(own.url);
    await database.query(await readFile(new URL('stars.sql', import.meta.url), 'utf8'));
    await database.close();
  });
  afterAll(() => own.drop());

  it('are counted, given and taken', async () => {
    const options = { databaseUrl: own.services.processor, rows: 'select name, stars::int from stars', commit: true };
    const star = (action: string) => testHandler(stars, { event: 'star', payload: payloadOf('star', action) }, options);
    await star('created');
    const name = 'Codertocat/Hello-World';
    expect((await star('created')).rows).toEqual([{ name, stars: 2 }]);
    expect((await star('deleted')).rows).toEqual([{ name, stars: 1 }]);
  });
});

describe('the sync', () => {
  it('is a job for each push to the default branch', async () => {
    const pushed = { event: 'push', payload: payloadOf('push', null, { ref: 'refs/heads/master' }) };
    const { effects } = await testHandler(sync, pushed);
    expect(effects).toEqual([
      expect.objectContaining({ kind: 'kafka.publish', request: expect.objectContaining({ job: 'sync-repository' }) }),
    ]);
    const elsewhere = { event: 'push', payload: payloadOf('push', null, { ref: 'refs/heads/other' }) };
    expect((await testHandler(sync, elsewhere)).effects).toEqual([]);
  });

  it('is one request to the mirror, which names the push', async () => {
    const job = { job: 'sync-repository', payload: { repository: 'o/r', commit: 'abc' }, cause: { guid: 'g' } };
    const { effects, ran } = await testHandler(sync, job);
    expect(ran).toEqual(['sync']);
    expect(effects).toEqual([
      expect.objectContaining({
        kind: 'http.post',
        queue: 'mirror',
        request: expect.objectContaining({ body: '{"repository":"o/r","commit":"abc","because":"g"}' }),
      }),
    ]);
  });
});

it('the examples are one module for a processor', async () => {
  const { ran } = await testHandler(all, { event: 'push', payload: payloadOf('push', null) });
  expect(ran).toEqual(['ask-for-sync']);
});
