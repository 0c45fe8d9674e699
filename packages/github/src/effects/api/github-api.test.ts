import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  aComment,
  anAttempt,
  anEffect,
  appCredential,
  type GithubWorld,
  startGithubWorld,
  tokenCredential,
  type WorldSettings,
} from '../../testing/github-world.ts';
import { app, user } from '../../testing/stand-in-client.ts';

const CREATE = { method: 'POST', path: '/issues/7/comments$' };
const TOKENS = { path: '/access_tokens$' };

describe('at GitHub', () => {
  let world: GithubWorld;
  let asked: string[] = [];

  /** Notes each request that goes out. */
  const start = async (settings: WorldSettings = {}) => {
    asked = [];
    world = await startGithubWorld({
      outbound: (outbound) => ({
        send(request) {
          asked.push(`${request.method} ${new URL(request.url).pathname}`);
          return outbound.send(request);
        },
      }),
      ...settings,
    });
    return world;
  };
  afterEach(async () => {
    expect(() => world.standIn.assertConforms()).not.toThrow();
    await world.close();
  });
  const madeTokens = () => asked.filter((line) => line.endsWith('/access_tokens')).length;

  it('an installation’s token is made once, also for attempts at once, and one for each installation', async () => {
    await start();
    await Promise.all(Array.from({ length: 5 }, () => world.send(aComment())));
    await world.send(aComment());
    expect(madeTokens()).toBe(1);
    await world.send(aComment('Hello', { installationId: '8' }));
    expect(madeTokens()).toBe(2);
    expect(world.standIn.comments()).toHaveLength(7);
  });

  it('a token is renewed minutes before its end', async () => {
    let now = Date.now();
    const clock = { now: () => now, monotonic: () => performance.now() };
    await start({ clock, relayClock: clock });
    await world.send(aComment());
    now += 54 * 60_000;
    await world.send(aComment());
    expect(madeTokens()).toBe(1);
    now += 2 * 60_000;
    expect(await world.send(aComment())).toMatchObject({ outcome: 'sent' });
    expect(madeTokens()).toBe(2);
  });

  it('a token that was taken back is renewed once, and the attempt goes on', async () => {
    await start();
    await world.send(aComment());
    world.standIn.revokeTokens();
    const effects = [aComment(), aComment()];
    const results = await Promise.all(effects.map((effect) => world.send(effect)));
    expect(results).toMatchObject([{ outcome: 'sent' }, { outcome: 'sent' }]);
    expect(madeTokens()).toBe(2);
    expect(world.standIn.doubled()).toEqual([]);
    world.standIn.fault({ match: CREATE, fault: { kind: 'error', status: 401, message: 'Bad credentials' }, times: 2 });
    const error = expect.stringContaining('GitHub answered 401: Bad credentials') as unknown;
    // The token or the clock here is wrong, and not the effect.
    expect(await world.send(aComment())).toMatchObject({ outcome: 'failed', error });
    expect(madeTokens()).toBe(3);
  });

  it('no token, no attempt: it fails without having begun, and says why', async () => {
    await start({ apps: [{ ...app, installations: [7] }] });
    const begun: string[] = [];
    const send = (effect = aComment()) => world.send(effect, { begin: () => void begun.push(effect.effectId) });
    const gone = aComment('Hello', { installationId: '9' });
    expect(await send(gone)).toMatchObject({
      outcome: 'refused',
      error: expect.stringContaining(
        'No token for installation 9 of the App 1: GitHub answered 404: Not Found',
      ) as unknown,
    });
    for (const [fault, outcome] of [
      [{ kind: 'error-after' as const }, 'failed'],
      [{ kind: 'drop-reply' as const }, 'failed'],
      [{ kind: 'error' as const, status: 401 }, 'failed'],
      [{ kind: 'secondary-limit' as const, retryAfter: 3 }, 'limited'],
    ] as const) {
      world.standIn.fault({ match: TOKENS, fault });
      expect(await send()).toMatchObject({ outcome });
    }
    expect(begun).toEqual([]);
    expect(await send()).toMatchObject({ outcome: 'sent' });
    expect(begun).toHaveLength(1);
  });

  it('a clock that is wrong here refuses no effect: whose comments are ours is asked again', async () => {
    await start();
    const sticky = anEffect('github.stickyComment', { issueNumber: 7, name: 'status', body: 'Hello' });
    const message = "'Issued at' claim ('iat') must be an Integer";
    world.standIn.fault({ match: { path: '^/app$' }, fault: { kind: 'error', status: 401, message } });
    const error = expect.stringContaining('GET /app as the App 1: GitHub answered 401') as unknown;
    expect(await world.send(sticky)).toMatchObject({ outcome: 'failed', error });
    expect(await world.send(sticky)).toMatchObject({ outcome: 'sent' });
  });

  it('a token of a user that is taken no longer is read again, also where only the user is asked for', async () => {
    const credential = { type: 'token' as const, token: 'ghp_old', reread: () => user.token };
    await start({ credentials: (standIn) => [{ ...tokenCredential(standIn), ...credential }] });
    const request = { issueNumber: 7, name: 'status', body: 'Hello', installationId: null };
    expect(await world.send(anEffect('github.stickyComment', request))).toMatchObject({ outcome: 'sent' });
  });

  it('a token of a user makes comments of theirs, and is read again when it is taken no longer', async () => {
    let file = 'ghp_old';
    const readToken = () => {
      if (file === '') throw new Error('no file');
      return file;
    };
    await start({
      credentials: (standIn) => [{ ...tokenCredential(standIn), type: 'token', token: 'ghp_old', reread: readToken }],
    });
    // A token that was revoked too early kills none of what waits for the new one.
    expect(await world.send(aComment())).toMatchObject({ outcome: 'failed' });
    file = '';
    expect(await world.send(aComment())).toMatchObject({
      outcome: 'failed',
      error: 'The token cannot be read: no file',
    });
    file = user.token;
    const effect = aComment('Hello', { installationId: null });
    expect(await world.send(effect)).toMatchObject({ outcome: 'sent' });
    expect(await world.kind('github.comment').look?.(effect, anAttempt(effect))).toMatchObject({ found: 'sent' });
    expect(world.standIn.acts().map(({ by }) => by)).toEqual(['octocat']);
  });

  it('a limit is of the installation that meets it', async () => {
    await start();
    world.standIn.fault({ match: CREATE, fault: { kind: 'secondary-limit', retryAfter: null } });
    expect(await world.send(aComment())).toMatchObject({ outcome: 'limited', afterMs: 60_000 });
    world.standIn.fault({ match: CREATE, fault: { kind: 'secondary-limit', retryAfter: null } });
    const again = (await world.send(aComment())) as { afterMs: number };
    // The same limit: what is left of its minute, and not a second one.
    expect(again.afterMs).toBeLessThan(60_000);
    world.standIn.fault({ match: CREATE, fault: { kind: 'primary-limit', resetMs: 600_000 } });
    const limited = (await world.send(aComment())) as { afterMs: number };
    expect(limited.afterMs).toBeGreaterThan(590_000);
    expect(world.standIn.comments()).toEqual([]);
    const { target } = world.kind('github.comment');
    expect(target(aComment())).toBe('github.com/app/1/installation/7');
    expect(target(aComment('', { installationId: '8' }))).toBe('github.com/app/1/installation/8');
    expect(target(aComment('', { namespace: 'elsewhere' }))).toBe('elsewhere');
    expect(target({ ...aComment(), request: null })).toBe('github');
  });

  it('effects for which nothing is configured, or that are none, are refused and not looked for', async () => {
    await start();
    const elsewhere = aComment('Hello', { namespace: 'elsewhere.example' });
    expect(await world.send(elsewhere)).toMatchObject({
      outcome: 'refused',
      error: 'HOOKLINE_GITHUB_FILE has no entry for elsewhere.example.',
    });
    const kind = world.kind('github.comment');
    expect(await kind.look?.(elsewhere, anAttempt(elsewhere))).toEqual({ found: 'nothing' });
    const broken = aComment('Hello', { issueNumber: '7' });
    expect(await world.send(broken)).toMatchObject({
      outcome: 'refused',
      error: expect.stringContaining('issueNumber') as unknown,
    });
    expect(asked).toEqual([]);
  });

  it('a repository that was renamed is followed, with the token', async () => {
    await start();
    await world.send(aComment('One'));
    world.standIn.rename('octo-org/hello', 'octo-org/world');
    const effect = aComment('Two');
    expect(await world.send(effect)).toMatchObject({ outcome: 'sent' });
    expect(await world.kind('github.comment').look?.(effect, anAttempt(effect))).toMatchObject({ found: 'sent' });
    expect(world.standIn.comments().map(({ repository }) => repository.name)).toEqual(['world', 'world']);
  });

  it('a redirect to another host gets no token: it is refused', async () => {
    await start();
    const visited: unknown[] = [];
    const other = createServer((request, response) => {
      visited.push(request.headers.authorization);
      response.end();
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    world.standIn.fault({ match: CREATE, fault: { kind: 'redirect', location } });
    expect(await world.send(aComment())).toMatchObject({ outcome: 'refused' });
    expect(visited).toEqual([]);
    other.close();
  });

  it('a server that is not there is a failure, and one that breaks off is ambiguous', async () => {
    await start({ credentials: (standIn) => [{ ...appCredential(standIn), baseUrl: 'http://127.0.0.1:1' }] });
    expect(await world.send(aComment())).toMatchObject({ outcome: 'failed' });
    await world.close();
    await start();
    // Token and connection are there by then, so that it is the request that acts which the deadline cuts off.
    expect(await world.send(aComment())).toMatchObject({ outcome: 'sent' });
    world.standIn.fault({ match: CREATE, fault: { kind: 'slow', delayMs: 2000 } });
    expect(await world.send(aComment(), { deadlineMs: 1000 })).toMatchObject({ outcome: 'ambiguous' });
  });

  it('answers that cannot be read leave open what has happened', async () => {
    await start({
      outbound: (outbound) => ({
        async send(request) {
          const result = await outbound.send(request);
          if (!result.success || !request.url.endsWith('/comments')) return result;
          return request.method === 'POST' ? { ...result, body: result.body.subarray(0, 9), complete: false } : result;
        },
      }),
    });
    const effect = aComment();
    expect(await world.send(effect)).toMatchObject({ outcome: 'ambiguous', error: 'The answer of GitHub broke off.' });
    expect(await world.kind('github.comment').look?.(effect, anAttempt(effect))).toMatchObject({ found: 'sent' });
  });

  it.each([
    ['the token', '/access_tokens', 'failed', 'failed'],
    ['the App', '/app', 'sent', 'failed'],
    ['the list', 'GET', 'sent', 'failed'],
    ['the comment', 'POST', 'ambiguous', 'sent'],
  ])('a proxy that answers %s with a page of its own has told nothing', async (_, of, sent, found) => {
    let broken = true;
    const headers = { 'content-type': 'text/html' };
    await start({
      outbound: (outbound) => ({
        async send(request) {
          const result = await outbound.send(request);
          const { pathname } = new URL(request.url);
          const fits = pathname.endsWith(of) || (pathname.endsWith('/comments') && request.method === of);
          if (!result.success || !broken || !fits) return result;
          return { ...result, status: 200, headers, body: Buffer.from('<h1>Sign in</h1>') };
        },
      }),
    });
    const effect = aComment();
    const look = () => world.another()('github.comment').look?.(effect, anAttempt(effect));
    expect(await world.send(effect)).toMatchObject({ outcome: sent });
    expect(await look()).toMatchObject({ found });
    broken = false;
    expect(await look()).toMatchObject({ found: sent === 'failed' ? 'nothing' : 'sent' });
  });

  it('Enterprise Server is the same below its own path', async () => {
    await start({ basePath: '/api/v3' });
    const effect = aComment();
    expect(await world.send(effect)).toMatchObject({ outcome: 'sent' });
    expect(asked).toContain('POST /api/v3/repos/octo-org/hello/issues/7/comments');
    expect(await world.kind('github.comment').look?.(effect, anAttempt(effect))).toMatchObject({ found: 'sent' });
  });
});
