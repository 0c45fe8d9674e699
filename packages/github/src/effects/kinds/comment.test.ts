import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aComment, anAttempt, type GithubWorld, startGithubWorld } from '../../testing/github-world.ts';
import { app, user } from '../../testing/stand-in-client.ts';
import type { FaultKind } from '../../stand-in/index.ts';
import { effectMarker } from '../marker.ts';

const COMMENTS = { method: 'POST', path: '/issues/7/comments$' };

/** A comment that was posted twice is what nobody can take back unseen: it is looked for before it is sent again. */
describe('a comment', () => {
  let world: GithubWorld;

  beforeEach(async () => {
    world = await startGithubWorld();
  });
  afterEach(async () => {
    expect(() => world.standIn.assertConforms()).not.toThrow();
    await world.close();
  });

  const look = (effect: ReturnType<typeof aComment>) =>
    world.kind('github.comment').look?.(effect, anAttempt(effect, { number: 2 }));
  const copy = (
    effect: ReturnType<typeof aComment>,
    author: Parameters<typeof world.standIn.addComment>[0]['author'],
  ) =>
    world.standIn.addComment({
      ...{ owner: 'octo-org', repo: 'hello', issueNumber: 7, author },
      body: `A copy\n\n${effectMarker(effect.effectId)}`,
    });

  it('is made by the App’s bot with its marker at the end, and its id and address are the result', async () => {
    const effect = aComment('Thanks!');
    const result = await world.send(effect);
    const [comment] = world.standIn.comments();
    expect(comment?.body).toBe(`Thanks!\n\n<!-- hookline:effect=${effect.effectId} -->`);
    expect(comment?.author).toMatchObject({ kind: 'installation', installationId: 7 });
    const url = expect.stringMatching(/\/octo-org\/hello\/issues\/7#issuecomment-\d+$/) as unknown;
    expect(result).toEqual({ outcome: 'sent', result: { id: String(comment?.id), url } });
    expect(world.standIn.acts()).toMatchObject([{ did: 'create', what: 'comment', effect: effect.effectId }]);
  });

  it.each<[FaultKind, number]>([
    [{ kind: 'drop-reply' }, 1],
    [{ kind: 'drop-request' }, 0],
    [{ kind: 'error-after' }, 1],
    [{ kind: 'error' }, 0],
    [{ kind: 'error', status: 500 }, 0],
  ])('after %j is ambiguous, and a look finds it if it is there', async (fault, there) => {
    const effect = aComment();
    world.standIn.fault({ match: COMMENTS, fault });
    expect(await world.send(effect)).toMatchObject({ outcome: 'ambiguous' });
    const [comment] = world.standIn.comments();
    expect(await look(effect)).toMatchObject(
      there === 1 ? { found: 'sent', result: { id: String(comment?.id) } } : { found: 'nothing' },
    );
    expect(world.standIn.comments()).toHaveLength(there);
  });

  it('that was made twice is there once after a look: the younger twin is deleted', async () => {
    const effect = aComment();
    const first = await world.send(effect);
    await world.send(effect);
    await world.send(effect);
    expect(world.standIn.doubled()).toMatchObject([{ created: 3, present: 3 }]);
    expect(await look(effect)).toMatchObject({ found: 'sent', result: (first as { result: object }).result });
    expect(world.standIn.doubled()).toMatchObject([{ created: 3, present: 1 }]);
  });

  it('is not taken for others’ copies of its marker, nor for its own marker within another comment', async () => {
    const effect = aComment();
    copy(effect, { kind: 'user', user });
    copy(effect, { kind: 'user', user: { ...user, login: 'hookline' } });
    copy(effect, { kind: 'installation', app: { ...app, slug: 'another' }, installationId: 7, token: '' });
    await world.send(aComment(`> ${effectMarker(effect.effectId)}`));
    expect(await look(effect)).toEqual({ found: 'nothing' });
    expect(world.standIn.comments()).toHaveLength(4);
  });

  it('is looked for on all pages since its delivery, and no further back', async () => {
    const effect = { ...aComment(), createdAt: new Date(Date.now() + 3_600_000) };
    const author = { kind: 'installation' as const, app, installationId: 7, token: '' };
    for (let n = 0; n < 250; n += 1) copy(aComment(), author);
    const own = copy(effect, author);
    expect(await look({ ...effect, createdAt: new Date() })).toMatchObject({ result: { id: String(own.id) } });
    expect(await look(effect)).toEqual({ found: 'nothing' });
  });

  it('that cannot be looked for is looked for later, and one whose issue is gone is sent anew', async () => {
    const effect = aComment();
    const list = { method: 'GET', path: '/issues/7/comments$' };
    world.standIn.fault({ match: list, fault: { kind: 'secondary-limit', retryAfter: 5 } });
    expect(await look(effect)).toMatchObject({ found: 'failed', afterMs: 5000 });
    world.standIn.fault({ match: list, fault: { kind: 'error' } });
    const error = expect.stringContaining('GitHub answered 502: Server Error') as unknown;
    expect(await look(effect)).toMatchObject({ found: 'failed', error });
    world.standIn.fault({ match: { method: 'GET', path: '/app$' }, fault: { kind: 'error' } });
    expect(await world.another()('github.comment').look?.(effect, anAttempt(effect))).toMatchObject({
      found: 'failed',
    });
    world.standIn.fault({ match: list, fault: { kind: 'error', status: 410, message: 'This issue was deleted' } });
    expect(await look(effect)).toEqual({ found: 'nothing' });
    await world.send(effect);
    await world.send(effect);
    world.standIn.fault({ match: { method: 'DELETE' }, fault: { kind: 'error' } });
    expect(await look(effect)).toMatchObject({ found: 'failed' });
    world.standIn.fault({ match: { method: 'DELETE' }, fault: { kind: 'error', status: 403 } });
    expect(await look(effect)).toMatchObject({ found: 'sent' });
  });

  it('begins right before it goes out, and not with the token that it needs first', async () => {
    const effect = aComment();
    const seen: number[] = [];
    const begin = () => void seen.push(world.standIn.comments().length);
    await world.send(effect, { begin });
    expect(seen).toEqual([0]);
    const refused = await world.send(aComment(), {
      begin() {
        throw new Error('The lease ends too soon.');
      },
    });
    expect(refused).toMatchObject({
      outcome: 'failed',
      error: expect.stringContaining('The lease ends too soon.') as unknown,
    });
    expect(world.standIn.comments()).toHaveLength(1);
  });

  it('that GitHub cannot hold is refused with the reason, and not sent', async () => {
    const effect = aComment('x'.repeat(262_144));
    expect(await world.send(effect)).toMatchObject({
      outcome: 'refused',
      error: expect.stringContaining('GitHub takes 262144') as unknown,
    });
    const longest = aComment('x'.repeat(262_144 - `\n\n${effectMarker(effect.effectId)}`.length));
    expect(await world.send(longest)).toMatchObject({ outcome: 'sent' });
    expect(world.standIn.comments()).toHaveLength(1);
  });
});
