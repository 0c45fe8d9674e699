import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anAttempt, anEffect, type GithubWorld, startGithubWorld } from '../../testing/github-world.ts';

const repository = { owner: 'octo-org', repo: 'hello' };
const request = (route: string, parameters: object = repository, more: object = {}) =>
  anEffect('github.request', { route, parameters, ...more });

describe('a request', () => {
  let world: GithubWorld;

  beforeEach(async () => {
    world = await startGithubWorld();
  });
  afterEach(() => world.close());

  it('is sent as it is, and its status, id and address are the result', async () => {
    const issue = request('POST /repos/{owner}/{repo}/issues', { ...repository, title: 'A bug' });
    expect(await world.send(issue)).toMatchObject({
      outcome: 'sent',
      result: {
        status: 201,
        id: expect.stringMatching(/^\d+$/),
        url: expect.stringContaining('/octo-org/hello/issues/'),
      },
    });
    const topics = request('PUT /repos/{owner}/{repo}/topics', { ...repository, names: ['a'] });
    expect(await world.send(topics)).toEqual({ outcome: 'sent', result: { status: 200 } });
    expect(await world.send(request('DELETE /repos/{owner}/{repo}/subscription'))).toEqual({
      outcome: 'sent',
      result: { status: 204 },
    });
    expect(world.standIn.acts().map(({ what, effect }) => [what, effect])).toEqual([
      ['issue', issue.effectId],
      ['PUT /repos/{owner}/{repo}/topics', topics.effectId],
      ['DELETE /repos/{owner}/{repo}/subscription', expect.anything()],
    ]);
    expect(() => world.standIn.assertConforms()).not.toThrow();
  });

  it.each<[string, object, string]>([
    ['PUT /a', {}, 'resend'],
    ['DELETE /a', {}, 'resend'],
    ['GET /a', {}, 'resend'],
    ['POST /a', {}, 'park'],
    ['PATCH /a', {}, 'park'],
    ['POST /a', { idempotent: true }, 'resend'],
    ['PUT /a', { idempotent: false }, 'park'],
  ])('%s %j without an answer is to %s', (route, more, then) => {
    expect(world.kind('github.request').onAmbiguous(request(route, {}, more))).toBe(then);
  });

  it('that is none is parked, should it come to that, and refused', async () => {
    for (const broken of [null, 7, {}, { route: 7 }]) {
      const effect = { ...request('GET /a'), request: broken };
      expect(world.kind('github.request').onAmbiguous(effect)).toBe('park');
      expect(await world.kind('github.request').send(effect, anAttempt(effect))).toMatchObject({ outcome: 'refused' });
    }
  });

  it.each<[string, object, string]>([
    ['POST https://elsewhere.example/repos', {}, 'The route is not a method and a path'],
    ['POST //elsewhere.example/repos', {}, 'The route is not a method and a path'],
    ['/repos', {}, 'The route is not a method and a path'],
    ['TRACE /repos', {}, 'The route is not a method and a path'],
    ['GET /repos', { baseUrl: 'https://elsewhere.example' }, 'Parameters cannot be named baseUrl.'],
    ['GET /repos', { headers: { authorization: '' }, request: {} }, 'Parameters cannot be named request, headers.'],
    ['GET /{+path}', { path: '/../../@elsewhere.example' }, ''],
  ])('takes the token nowhere else: %s %j', async (route, parameters, problem) => {
    const result = await world.send(request(route, parameters));
    expect(result).toMatchObject({ outcome: 'refused', error: expect.stringContaining(problem) as unknown });
    expect(world.standIn.acts()).toEqual([]);
  });

  it('that is answered by no JSON may have been done or not', async () => {
    const headers = { 'content-type': 'text/html' };
    const proxied = await startGithubWorld({
      outbound: (outbound) => ({
        async send(request) {
          const result = await outbound.send(request);
          if (!result.success || !request.url.endsWith('/topics')) return result;
          return { ...result, headers, body: Buffer.from('<h1>Sign in</h1>') };
        },
      }),
    });
    const topics = request('PUT /repos/{owner}/{repo}/topics', { ...repository, names: ['a'] });
    expect(await proxied.send(topics)).toMatchObject({ outcome: 'ambiguous' });
    await proxied.close();
  });

  it('to delete what is gone has done so, if an attempt before can have', async () => {
    const gone = request('DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}', { ...repository, comment_id: 1 });
    expect(await world.send(gone)).toMatchObject({ outcome: 'refused' });
    expect(await world.send(gone, { number: 2 })).toEqual({ outcome: 'sent', result: { status: 404 } });
    const change = request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
      ...{ ...repository, comment_id: 1, body: 'x' },
    });
    expect(await world.send(change, { number: 2 })).toMatchObject({ outcome: 'refused' });
  });
});
