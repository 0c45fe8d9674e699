import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startWithClients, user } from '../testing/stand-in-client.ts';
import { createConformity } from './description/conformity.ts';

const headers = { authorization: `token ${user.token}`, 'content-type': 'application/json' };
const COMMENTS = '/repos/octo-org/hello/issues/7/comments';

/** A check that cannot fail proves nothing: each kind of what GitHub does not describe is found. */
describe('the stand-in', () => {
  let github: Awaited<ReturnType<typeof startWithClients>>;

  beforeEach(async () => {
    github = await startWithClients();
  });
  afterEach(() => github.standIn.stop());

  it.each<[string, string, string, RequestInit]>([
    ['a path that is not GitHub’s', 'no operation has this method and path', '/repositories/octo-org', {}],
    ['a method that is not', 'no operation has this method and path', COMMENTS, { method: 'PATCH' }],
    ['a parameter of another type', 'path parameter issue_number must be integer', COMMENTS.replace('7', 'seven'), {}],
    ['a query of another type', 'query parameter per_page must be integer', `${COMMENTS}?per_page=x`, {}],
    ['a time that is none', 'query parameter since must match format "date-time"', `${COMMENTS}?since=now`, {}],
    ['an unknown query', 'query has an unknown sice', `${COMMENTS}?sice=2026-01-01T00:00:00Z`, {}],
    ['no body', 'it has no body', COMMENTS, { method: 'POST' }],
    ['a body that is no JSON', 'it has no body', COMMENTS, { method: 'POST', body: '{' }],
    ['a missing field', "body must have required property 'body'", COMMENTS, { method: 'POST', body: '{}' }],
    ['a field of another type', 'body/body must be string', COMMENTS, { method: 'POST', body: '{"body":7}' }],
    ['an unknown field', 'body has an unknown bdy', COMMENTS, { method: 'POST', body: '{"body":"x","bdy":1}' }],
    [
      'a value that is not listed',
      'body/status must be equal',
      '/repos/o/r/check-runs',
      { method: 'POST', body: '{"name":"a","head_sha":"b","status":"done"}' },
    ],
    [
      'another content type',
      'its content-type is not JSON',
      COMMENTS,
      { method: 'POST', body: '{"body":"x"}', headers: { ...headers, 'content-type': 'text/plain' } },
    ],
    ['no user agent', 'it has no user-agent', COMMENTS, { headers: { ...headers, 'user-agent': '' } }],
  ])('finds %s', async (_, problem, path, init) => {
    await fetch(`${github.standIn.url}${path}`, { headers, ...init });
    expect(() => github.standIn.assertConforms()).toThrow(problem);
    expect(github.standIn.mismatches()).toHaveLength(1);
  });

  it('tells of its own failures, and lets none pass for a fault of GitHub’s', async () => {
    await expect(fetch(`${github.standIn.url}/repos/octo-org/hello/issues/%E0%A4%A/comments`)).rejects.toThrow();
    expect(() => github.standIn.assertConforms()).toThrow(
      'the stand-in failed at GET /repos/octo-org/hello/issues/%E0',
    );
  });

  it('is short about many mismatches', async () => {
    for (let n = 0; n < 25; n += 1) await fetch(`${github.standIn.url}/nothing`, { headers });
    expect(() => github.standIn.assertConforms()).toThrow(/and 5 more$/);
  });

  it('finds nothing in what is right', async () => {
    await fetch(`${github.standIn.url}${COMMENTS}?per_page=1&since=2026-01-01T00:00:00Z`, { headers });
    await fetch(`${github.standIn.url}${COMMENTS}`, { headers, method: 'POST', body: '{"body":"x"}' });
    expect(() => github.standIn.assertConforms()).not.toThrow();
  });

  it.each<[string, number, unknown, string]>([
    ['that lacks fields', 201, { id: 1 }, "reply 201 must have required property 'node_id'"],
    ['of another shape', 201, [], 'reply 201 must be object'],
    ['of a status that is not described', 202, {}, 'reply 202 is not described'],
    ['that is an error of another shape', 500, { message: 7 }, 'reply 500/message must be string'],
    [
      'that is not the described error',
      422,
      { message: 'No' },
      "reply 422 must have required property 'documentation_url'",
    ],
  ])('finds a reply %s', (_, status, body, problem) => {
    const conformity = createConformity('api.github.com');
    const operation = conformity.find('POST', COMMENTS)?.operation ?? null;
    conformity.checkReply('POST', operation, { status, body });
    expect(conformity.mismatches.flatMap(({ problems }) => problems)).toContain(problem);
  });

  it('finds a body where none is described', () => {
    const conformity = createConformity('api.github.com');
    const found = conformity.find('DELETE', '/repos/octo-org/hello/issues/comments/1');
    conformity.checkReply('DELETE', found?.operation ?? null, { status: 204, body: {} });
    expect(conformity.mismatches[0]?.problems).toEqual(['reply 204 has a body, and none is described']);
  });
});
