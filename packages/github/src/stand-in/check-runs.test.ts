import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { app, startWithClients } from '../testing/stand-in-client.ts';

const place = { owner: 'octo-org', repo: 'hello' };
const CREATE = 'POST /repos/{owner}/{repo}/check-runs';
const UPDATE = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}';
const GET = 'GET /repos/{owner}/{repo}/check-runs/{check_run_id}';
const LIST = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs';

describe('check runs of the stand-in', () => {
  let github: Awaited<ReturnType<typeof startWithClients>>;

  beforeEach(async () => {
    github = await startWithClients();
  });
  afterEach(async () => {
    expect(() => github.standIn.assertConforms()).not.toThrow();
    await github.standIn.stop();
  });

  it('are created, changed and read; a conclusion completes them', async () => {
    const client = await github.asApp();
    const { data: made } = await client.request(CREATE, { ...place, head_sha: 'abc', name: 'build', external_id: 'x' });
    expect(made).toMatchObject({
      status: 'queued',
      conclusion: null,
      completed_at: null,
      external_id: 'x',
      app: { id: 1 },
    });
    const output = { title: 'Done', summary: 'All' };
    await client.request(UPDATE, { ...place, check_run_id: made.id, conclusion: 'success', output });
    const { data } = await client.request(GET, { ...place, check_run_id: made.id });
    expect(data).toMatchObject({ status: 'completed', conclusion: 'success', name: 'build', external_id: 'x', output });
    expect(data.completed_at).not.toBeNull();
    await expect(client.request(GET, { ...place, check_run_id: 1 })).rejects.toMatchObject({ status: 404 });
    await expect(client.request(UPDATE, { ...place, check_run_id: 1, conclusion: 'success' })).rejects.toThrow(
      'Not Found',
    );
  });

  it('are listed for a commit: the latest of each name, or all', async () => {
    const client = await github.asApp();
    for (const [head_sha, name] of [
      ['abc', 'build'],
      ['abc', 'build'],
      ['abc', 'test'],
      ['def', 'build'],
    ] as const) {
      await client.request(CREATE, { ...place, head_sha, name });
    }
    const count = (query: object) =>
      client
        .request(LIST, { ...place, ref: 'abc', ...query })
        .then(({ data }) => [data.total_count, data.check_runs.length]);
    expect(await count({})).toEqual([2, 2]);
    expect(await count({ filter: 'all' })).toEqual([3, 3]);
    expect(await count({ filter: 'all', per_page: 1 })).toEqual([3, 1]);
    expect(await count({ check_name: 'test' })).toEqual([1, 1]);
    expect(await count({ app_id: 2 })).toEqual([0, 0]);
    expect(await count({ status: 'completed' })).toEqual([0, 0]);
  });

  it('are an App’s, and no other’s to change', async () => {
    await expect(github.asUser.request(CREATE, { ...place, head_sha: 'abc', name: 'build' })).rejects.toMatchObject({
      status: 403,
    });
    const { data } = await (await github.asApp()).request(CREATE, { ...place, head_sha: 'abc', name: 'build' });
    const change = { ...place, check_run_id: data.id, conclusion: 'failure' as const };
    await expect(github.asUser.request(UPDATE, change)).rejects.toThrow('You must authenticate via a GitHub App.');
    const [run] = github.standIn.checkRuns();
    if (run !== undefined) run.app = { ...app, id: 2 };
    await expect((await github.asApp()).request(UPDATE, change)).rejects.toThrow('by the GitHub App that created it');
  });
});
