import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@hookline/test-support';
import { startWithClients, user } from '../testing/stand-in-client.ts';
import type { FaultKind } from './index.ts';

const issue = { owner: 'octo-org', repo: 'hello', issue_number: 7 };
const CREATE = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';

describe('a fault of the stand-in', () => {
  let github: Awaited<ReturnType<typeof startWithClients>>;

  beforeEach(async () => {
    github = await startWithClients();
  });
  afterEach(() => github.standIn.stop());

  const post = (body = 'Hello', signal: AbortSignal | null = null) =>
    fetch(`${github.standIn.url}/repos/octo-org/hello/issues/7/comments`, {
      method: 'POST',
      headers: { authorization: `token ${user.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ body }),
      signal,
    });
  const made = () => github.standIn.comments().length;

  it.each<[FaultKind, number | 'cut', number]>([
    [{ kind: 'none' }, 201, 1],
    [{ kind: 'drop-reply' }, 'cut', 1],
    [{ kind: 'drop-request' }, 'cut', 0],
    [{ kind: 'error-after' }, 500, 1],
    [{ kind: 'error' }, 502, 0],
    [{ kind: 'error', status: 422, message: 'Validation Failed' }, 422, 0],
    [{ kind: 'slow', delayMs: 1 }, 201, 1],
    [{ kind: 'slow', delayMs: 1, act: 'last' }, 201, 1],
    [{ kind: 'secondary-limit', retryAfter: null }, 403, 0],
    [{ kind: 'too-many-requests', retryAfter: 3 }, 429, 0],
    [{ kind: 'primary-limit', resetMs: 5000 }, 403, 0],
  ])('%j answers %s, and %s comment is made', async (fault, answered, comments) => {
    const programmed = github.standIn.fault({ fault });
    const status = await post().then(
      (reply) => reply.status,
      () => 'cut',
    );
    expect([status, made(), programmed.hits]).toEqual([answered, comments, 1]);
    expect((await post()).status).toBe(201);
    github.standIn.assertConforms();
  });

  it('tells of limits by the headers that GitHub sends', async () => {
    const { standIn } = github;
    standIn.fault({ fault: { kind: 'secondary-limit', retryAfter: 17 } });
    expect((await post()).headers.get('retry-after')).toBe('17');
    standIn.fault({ fault: { kind: 'primary-limit', resetMs: 60_000 } });
    const { headers } = await post();
    expect(headers.get('x-ratelimit-remaining')).toBe('0');
    expect(Number(headers.get('x-ratelimit-reset')) * 1000).toBeGreaterThan(Date.now() + 50_000);
  });

  it('meets the requests that fit, after those that pass, as often as it says', async () => {
    const { standIn, asApp } = github;
    const fault = standIn.fault({
      match: { method: 'POST', path: '/issues/7/comments$', body: 'unlucky' },
      fault: { kind: 'error' },
      skip: 1,
      times: 2,
    });
    const statuses: number[] = [];
    for (const body of ['unlucky', 'lucky', 'unlucky', 'unlucky', 'unlucky']) statuses.push((await post(body)).status);
    expect(statuses).toEqual([201, 201, 502, 502, 201]);
    expect(fault.hits).toBe(2);
    standIn.fault({ match: { installationId: 7 }, fault: { kind: 'error' }, times: null });
    const client = await asApp();
    for (let n = 0; n < 3; n += 1) await expect(client.request(CREATE, { ...issue, body: 'x' })).rejects.toThrow();
    expect((await post()).status).toBe(201);
    standIn.clearFaults();
    await client.request(CREATE, { ...issue, body: 'x' });
  });

  it('of a slow server acts though nobody waits any more', async () => {
    const { standIn } = github;
    standIn.fault({ fault: { kind: 'slow', delayMs: 300, act: 'last' } });
    await expect(post('late', AbortSignal.timeout(50))).rejects.toThrow();
    expect(made()).toBe(0);
    await until('the comment is made', () => made() === 1);
    expect(() => standIn.assertConforms()).not.toThrow();
  });

  it('of a repository that has another name now sends on to it', async () => {
    const { standIn } = github;
    await post('before');
    standIn.rename('octo-org/hello', 'octo-org/world');
    const list = `${standIn.url}/repos/octo-org/hello/issues/7/comments`;
    const headers = { authorization: `token ${user.token}` };
    const read = await fetch(list, { headers, redirect: 'manual' });
    expect(read.status).toBe(301);
    const written = await fetch(list, { method: 'POST', headers, redirect: 'manual', body: '{"body":"x"}' });
    expect(written.status).toBe(307);
    const location = read.headers.get('location') ?? '';
    expect(location).toMatch(/\/repositories\/\d+\/issues\/7\/comments$/);
    expect((await (await fetch(location, { headers })).json()) as unknown[]).toHaveLength(1);
    standIn.assertConforms();
  });

  it('is had from another process, which is told what was done', async () => {
    const { url } = github.standIn;
    const ask = async (method: string, path: string, body?: unknown) => {
      const init = body === undefined ? {} : { body: JSON.stringify(body) };
      return (await fetch(`${url}/_stand-in/${path}`, { method, ...init })).json();
    };
    expect(await ask('POST', 'faults', { fault: { kind: 'drop-reply' } })).toMatchObject({ id: 1, hits: 0 });
    await expect(post()).rejects.toThrow();
    expect(await ask('GET', 'faults')).toMatchObject([{ id: 1, hits: 1 }]);
    expect(await ask('GET', 'acts')).toMatchObject([{ did: 'create', what: 'comment', by: 'octocat' }]);
    expect(await ask('GET', 'comments')).toMatchObject([{ body: 'Hello', by: 'octocat', issueNumber: 7 }]);
    expect(await ask('GET', 'doubled')).toEqual([]);
    expect(await ask('DELETE', 'faults')).toBeNull();
    expect(await ask('GET', 'mismatches')).toEqual([]);
    await ask('POST', 'rename', { from: 'octo-org/hello', to: 'octo-org/world' });
    await ask('POST', 'revoke-tokens');
    expect((await post()).url).toContain('/repositories/');
    expect((await fetch(`${url}/_stand-in/nothing`)).status).toBe(404);
  });
});
