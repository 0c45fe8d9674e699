import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startWithClients } from '../testing/stand-in-client.ts';

const repository = { owner: 'octo-org', repo: 'hello' };

describe('issues of the stand-in', () => {
  let github: Awaited<ReturnType<typeof startWithClients>>;

  beforeEach(async () => {
    github = await startWithClients();
  });
  afterEach(async () => {
    expect(() => github.standIn.assertConforms()).not.toThrow();
    await github.standIn.stop();
  });

  it('are created, read and changed', async () => {
    const { asUser, standIn } = github;
    const made = await asUser.request('POST /repos/{owner}/{repo}/issues', {
      ...repository,
      title: 'A bug',
      labels: ['bug'],
    });
    expect(made.data).toMatchObject({
      title: 'A bug',
      state: 'open',
      user: { login: 'octocat' },
      labels: [{ name: 'bug' }],
    });
    const place = { ...repository, issue_number: made.data.number };
    await asUser.request('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      ...place,
      state: 'closed',
      body: 'Done',
    });
    const { data } = await asUser.request('GET /repos/{owner}/{repo}/issues/{issue_number}', place);
    expect(data).toMatchObject({
      id: made.data.id,
      title: 'A bug',
      state: 'closed',
      body: 'Done',
      labels: [{ name: 'bug' }],
    });
    expect(data.closed_at).not.toBeNull();
    expect(standIn.acts()).toMatchObject([
      { did: 'create', what: 'issue' },
      { did: 'update', what: 'issue' },
    ]);
  });

  it('of deliveries are there without having been made', async () => {
    const place = { ...repository, issue_number: 7 };
    const { data } = await github.asUser.request('GET /repos/{owner}/{repo}/issues/{issue_number}', place);
    expect(data).toMatchObject({ number: 7, state: 'open' });
  });

  it('without a title are refused', async () => {
    const { asUser } = github;
    const create = asUser.request('POST /repos/{owner}/{repo}/issues', { ...repository, title: ' ' });
    await expect(create).rejects.toMatchObject({ status: 422 });
  });

  it('that were made twice for one effect are counted', async () => {
    const headers = { 'idempotency-key': 'an-effect' };
    for (const title of ['One', 'One']) {
      await github.asUser.request('POST /repos/{owner}/{repo}/issues', { ...repository, title, headers });
    }
    expect(github.standIn.doubled()).toMatchObject([{ what: 'issue', effect: 'an-effect', created: 2 }]);
  });
});
