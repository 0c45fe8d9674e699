import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startWithClients } from '../testing/stand-in-client.ts';

const issue = { owner: 'octo-org', repo: 'hello', issue_number: 7 };
const LIST = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
const CREATE = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
const ID = '6ba7b810-9dad-81d1-80b4-00c04fd430c8';

/** What is tested against the stand-in is worth as much as it is like GitHub: all goes by GitHub's description. */
describe('comments of the stand-in', () => {
  let github: Awaited<ReturnType<typeof startWithClients>>;
  let nowMs = Date.parse('2026-01-01T00:00:00.900Z');

  beforeEach(async () => {
    github = await startWithClients({ clock: { now: () => nowMs, monotonic: () => nowMs } });
  });
  afterEach(() => github.standIn.stop());

  it('are created, read, changed and deleted by their author', async () => {
    const { asUser, standIn } = github;
    const { data: made, headers } = await asUser.request(CREATE, { ...issue, body: 'First' });
    expect(made.user?.login).toBe('octocat');
    expect(made.created_at).toBe('2026-01-01T00:00:00Z');
    expect(headers.location).toBe(made.url);
    const { owner, repo } = issue;
    const place = { owner, repo, comment_id: made.id };
    await asUser.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', { ...place, body: 'Second' });
    const read = await asUser.request('GET /repos/{owner}/{repo}/issues/comments/{comment_id}', place);
    expect(read.data.body).toBe('Second');
    await asUser.request('DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}', place);
    await expect(asUser.request('GET /repos/{owner}/{repo}/issues/comments/{comment_id}', place)).rejects.toMatchObject(
      {
        status: 404,
      },
    );
    expect(standIn.acts().map(({ did, what, by }) => `${by}: ${did} ${what}`)).toEqual([
      'octocat: create comment',
      'octocat: update comment',
      'octocat: delete comment',
    ]);
    standIn.assertConforms();
  });

  it('of an App are its bot’s, and nobody else’s to change', async () => {
    const { asUser, asApp, standIn } = github;
    const { data } = await (await asApp()).request(CREATE, { ...issue, body: 'Hello' });
    expect(data.user).toMatchObject({ login: 'hookline[bot]', type: 'Bot' });
    expect(data.performed_via_github_app?.id).toBe(1);
    const change = { owner: issue.owner, repo: issue.repo, comment_id: data.id, body: 'Mine' };
    await expect(
      asUser.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', change),
    ).rejects.toMatchObject({ status: 403 });
    standIn.assertConforms();
  });

  it('are listed by pages with links, of their issue only, and since a time in whole seconds', async () => {
    const { asUser, standIn } = github;
    for (let n = 1; n <= 5; n += 1) await asUser.request(CREATE, { ...issue, body: `Comment ${n}` });
    await asUser.request(CREATE, { ...issue, issue_number: 8, body: 'Elsewhere' });
    const first = await asUser.request(LIST, { ...issue, per_page: 2 });
    expect(first.data.map(({ body }) => body)).toEqual(['Comment 1', 'Comment 2']);
    expect(first.headers.link).toContain(
      `${standIn.url}/repos/octo-org/hello/issues/7/comments?per_page=2&page=2>; rel="next"`,
    );
    const last = await asUser.request(LIST, { ...issue, per_page: 2, page: 3 });
    expect(last.data.map(({ body }) => body)).toEqual(['Comment 5']);
    expect(last.headers.link).not.toContain('next');
    nowMs += 1000;
    await asUser.request(CREATE, { ...issue, body: 'Later' });
    const since = (time: string) => asUser.request(LIST, { ...issue, since: time }).then(({ data }) => data.length);
    expect([await since('2026-01-01T00:00:00Z'), await since('2026-01-01T00:00:01Z')]).toEqual([6, 1]);
    expect([await since('2026-01-01T00:00:00.500Z'), await since('2026-01-01T00:00:02Z')]).toEqual([1, 0]);
    standIn.assertConforms();
  });

  it('are refused where GitHub refuses them', async () => {
    const { asUser, standIn } = github;
    const create = (body: string) => asUser.request(CREATE, { ...issue, body }).then(({ status }) => status);
    await expect(create(' ')).rejects.toMatchObject({ status: 422 });
    await expect(create('x'.repeat(262_145))).rejects.toThrow('body is too long (maximum is 65536 characters)');
    await expect(create('😀'.repeat(65_536))).resolves.toBe(201);
    await expect(create('x'.repeat(262_144))).resolves.toBe(201);
    standIn.assertConforms();
  });

  it('that were made twice for one effect are counted, whether one of them is there still or not', async () => {
    const { asUser, standIn } = github;
    const body = `Hello\n\n<!-- hookline:effect=${ID} -->`;
    await asUser.request(CREATE, { ...issue, body });
    expect(standIn.doubled()).toEqual([]);
    const { data } = await asUser.request(CREATE, { ...issue, body });
    expect(standIn.doubled()).toMatchObject([{ effect: ID, created: 2, present: 2 }]);
    const place = { owner: issue.owner, repo: issue.repo, comment_id: data.id };
    await asUser.request('DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}', place);
    expect(standIn.doubled()).toMatchObject([{ effect: ID, created: 2, present: 1 }]);
  });
});
