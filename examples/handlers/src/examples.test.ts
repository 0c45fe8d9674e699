import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testHandler } from '@hookline/handlers/testing';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import announce from './announce.ts';
import board from './board.ts';
import everyKind from './every-kind.ts';
import all from './index.ts';
import labels from './labels.ts';
import report from './report.ts';
import scan from './scan.ts';
import seats from './seats.ts';
import stars from './stars.ts';
import sync from './sync.ts';
import titleCheck from './title-check.ts';
import triage from './triage.ts';

// By require: the package is a JSON file, whose types do not fit its import.
const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as { name: string; examples: object[] }[];

/** A payload as GitHub sent it once, changed. */
function payloadOf(event: string, action: string | null, changes: object = {}): object {
  const { examples: payloads } = examples.find(({ name }) => name === event) ?? { examples: [] };
  const [payload] = payloads.filter((example) => ((example as { action?: string }).action ?? null) === action);
  return { ...payload, ...changes };
}

describe('projections', () => {
  let own: TestDatabase;
  beforeAll(async () => {
    own = await testDatabase();
    const database = connectTo(own.url);
    for (const file of ['stars.sql', 'labels.sql', 'board.sql']) {
      await database.query(await readFile(new URL(file, import.meta.url), 'utf8'));
    }
    await database.close();
  });
  afterAll(() => own.drop());

  it('of labels are what an issue has', async () => {
    const options = { databaseUrl: own.services.processor, rows: 'select label from issue_labels', commit: true };
    const label = (action: string) =>
      testHandler(labels, { event: 'issues', payload: payloadOf('issues', action) }, options);
    const payload = payloadOf('issues', 'labeled') as { label: { name: string } };
    await label('labeled');
    expect((await label('labeled')).rows).toEqual([{ label: payload.label.name }]);
    expect((await label('unlabeled')).rows).toEqual([]);
  });

  it('of states have the latest by GitHub’s clock, whatever came last', async () => {
    const options = { databaseUrl: own.services.processor, rows: 'select title from board', commit: true };
    const edited = (title: string, updatedAt: string) => {
      const payload = payloadOf('issues', 'edited') as { issue: object };
      const issue = { ...payload.issue, title, updated_at: updatedAt };
      return testHandler(board, { event: 'issues', payload: { ...payload, issue } }, options);
    };
    await edited('new', '2026-01-01T12:00:10Z');
    expect((await edited('old', '2026-01-01T12:00:00Z')).rows).toEqual([{ title: 'new' }]);
    expect((await edited('newest', '2026-01-01T12:00:20Z')).rows).toEqual([{ title: 'newest' }]);
  });

  it('of stars are counted, given and taken', async () => {
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

describe('a pull request', () => {
  const pull = (action: string, title: string) => {
    const payload = payloadOf('pull_request', action) as { pull_request: object };
    return { event: 'pull_request', payload: { ...payload, pull_request: { ...payload.pull_request, title } } };
  };

  it('has one report, and what it says changes', async () => {
    const said = async (title: string) => {
      const { effects } = await testHandler(report, pull('opened', title));
      return effects.map(({ kind, request }) => [kind, request]);
    };
    const comment = (body: string) => [
      ['github.stickyComment', expect.objectContaining({ issueNumber: 2, name: 'report', body })],
    ];
    expect(await said('feat: more')).toEqual(comment('Nothing is missing.'));
    expect(await said('More')).toEqual(comment('There is missing: a title that begins with feat, fix or docs.'));
  });

  it.each([
    ['feat: more', 'success'],
    ['More', 'failure'],
  ])('titled %j is checked: %s', async (title, conclusion) => {
    const { effects } = await testHandler(titleCheck, pull('synchronize', title));
    const fields: unknown = expect.objectContaining({ status: 'completed', conclusion });
    expect(effects).toMatchObject([{ kind: 'github.checkRun', request: { name: 'title', fields } }]);
  });

  it('that is closed asks for an effect of each kind', async () => {
    const { effects } = await testHandler(everyKind, pull('closed', 'feat: more'));
    expect(effects.map(({ kind }) => kind)).toEqual([
      'github.comment',
      'github.stickyComment',
      'github.checkRun',
      'github.request',
      'http.post',
      'kafka.publish',
      'http.forward',
      'chat.say',
    ]);
  });
});

describe('the scan', () => {
  let scanner: Server;
  let status = 200;
  beforeAll(async () => {
    scanner = createServer((request, response) => {
      response.writeHead(status).end(JSON.stringify({ findings: request.url === '/scans/bad' ? 2 : 0 }));
    });
    await new Promise<void>((resolve) => void scanner.listen(0, '127.0.0.1', resolve));
    process.env['SCANNER_URL'] = `http://127.0.0.1:${(scanner.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => void scanner.close(resolve)));

  const run = (payload: object) => testHandler(scan, { job: 'scan', payload });

  it('is a job that knows all that its effects need', async () => {
    const payload = payloadOf('pull_request', 'opened', { installation: { id: 5 } });
    const { effects } = await testHandler(scan, { event: 'pull_request', payload });
    const job: unknown = expect.objectContaining({
      owner: 'Codertocat',
      repo: 'Hello-World',
      installationId: 5,
      pull: 2,
    });
    expect(effects).toMatchObject([{ kind: 'kafka.publish', request: { job: 'scan', payload: job } }]);
  });

  it('goes on with what the scanner has answered', async () => {
    status = 200;
    for (const [commit, body] of [
      ['bad', 'The scan has found 2 things.'],
      ['good', 'The scan has found nothing.'],
    ]) {
      const { effects } = await run({ owner: 'o', repo: 'r', installationId: 5, pull: 2, commit });
      expect(effects).toMatchObject([
        { request: { owner: 'o', repo: 'r', installationId: '5', issueNumber: 2, name: 'scan', body } },
      ]);
    }
  });

  it.each([
    [503, 'RetryLater'],
    [500, 'Error'],
  ])('that is answered %d fails by %s', async (answered, name) => {
    status = answered;
    await expect(run({ owner: 'o', repo: 'r', pull: 2, commit: 'c' })).rejects.toMatchObject({ name });
  });
});

it('a member who comes or goes is told to who counts seats', async () => {
  const { effects } = await testHandler(seats, {
    event: 'organization',
    payload: payloadOf('organization', 'member_added'),
  });
  const body = '{"organization":"Octocoders","member":"hacktocat","action":"member_added"}';
  expect(effects).toMatchObject([{ kind: 'http.post', request: { signWith: 'billing', body } }]);
});

it.each([
  ['', ['github.request', 'github.comment']],
  ['It does not start.', []],
])('an issue that says %j has %j asked for', async (body, kinds) => {
  const payload = payloadOf('issues', 'opened') as { issue: object };
  const { effects } = await testHandler(triage, {
    event: 'issues',
    payload: { ...payload, issue: { ...payload.issue, body } },
  });
  expect(effects.map(({ kind }) => kind)).toEqual(kinds);
  if (kinds.length > 0) expect(effects[0]).toMatchObject({ request: { idempotent: true } });
});

it('a release is announced by a kind of your own', async () => {
  const { effects } = await testHandler(announce, { event: 'release', payload: payloadOf('release', 'published') });
  expect(effects).toMatchObject([{ kind: 'chat.say', queue: 'chat', request: { room: 'releases' } }]);
});

it('the examples are one module for a processor', async () => {
  const { ran } = await testHandler(all, { event: 'push', payload: payloadOf('push', null) });
  expect(ran).toEqual(['ask-for-sync']);
});
