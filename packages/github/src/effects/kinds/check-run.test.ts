import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anEffect, type GithubWorld, startGithubWorld, tokenCredential } from '../../testing/github-world.ts';
import { clientOfApp } from '../../testing/stand-in-client.ts';

const checkRun = (fields: Record<string, unknown>, name = 'build', headSha = 'abc') =>
  anEffect('github.checkRun', { headSha, name, fields });
const done = { conclusion: 'success', output: { title: 'Built', summary: 'In time' } };

describe('a check run', () => {
  let world: GithubWorld;

  beforeEach(async () => {
    world = await startGithubWorld();
  });
  afterEach(async () => {
    expect(() => world.standIn.assertConforms()).not.toThrow();
    await world.close();
  });

  const runs = () => world.standIn.checkRuns().map(({ name, headSha, status }) => `${name} ${headSha} ${status}`);

  it('is made once for a name and commit, and changed from then on', async () => {
    const made = await world.send(checkRun({ status: 'in_progress' }));
    expect(runs()).toEqual(['build abc in_progress']);
    expect(await world.send(checkRun(done))).toEqual(made);
    await world.send(checkRun({}, 'test'));
    await world.send(checkRun({}, 'build', 'def'));
    expect(runs()).toEqual(['build abc completed', 'test abc queued', 'build def queued']);
    const [run] = world.standIn.checkRuns();
    expect(run).toMatchObject({ externalId: 'hookline:build', conclusion: 'success', output: { title: 'Built' } });
    const url = expect.stringContaining(`/octo-org/hello/runs/${run?.id}`) as unknown;
    expect(made).toEqual({ outcome: 'sent', result: { id: String(run?.id), url } });
  });

  it('after an attempt without an answer is found by the next one', async () => {
    world.standIn.fault({ match: { method: 'POST', path: '/check-runs$' }, fault: { kind: 'error-after' } });
    const effect = checkRun(done);
    expect(await world.send(effect)).toMatchObject({ outcome: 'ambiguous' });
    expect(world.kind('github.checkRun').onAmbiguous(effect)).toBe('resend');
    expect(await world.send(effect, { number: 2 })).toMatchObject({ outcome: 'sent' });
    expect(world.standIn.doubled()).toEqual([]);
  });

  it('of another reference is another’s: a handler may have its own', async () => {
    const client = await clientOfApp(world.standIn);
    const others = { owner: 'octo-org', repo: 'hello', head_sha: 'abc', name: 'build', external_id: 'theirs' };
    await client.request('POST /repos/{owner}/{repo}/check-runs', others);
    await world.send(checkRun({}));
    expect(runs()).toHaveLength(2);
    await world.send(checkRun({ external_id: 'theirs', status: 'in_progress' }));
    expect(runs()).toEqual(['build abc in_progress', 'build abc queued']);
  });

  it('that was made twice is changed where GitHub shows it, looked for on all pages', async () => {
    const client = await clientOfApp(world.standIn);
    const place = { owner: 'octo-org', repo: 'hello', head_sha: 'abc', name: 'build' };
    const make = (external_id: string) =>
      client.request('POST /repos/{owner}/{repo}/check-runs', { ...place, external_id });
    await make('hookline:build');
    await make('hookline:build');
    for (let n = 0; n < 120; n += 1) await make('theirs');
    await world.send(checkRun(done));
    const ours = world.standIn.checkRuns().filter(({ externalId }) => externalId === 'hookline:build');
    expect(ours.map(({ status }) => status)).toEqual(['queued', 'completed']);
  });

  it('is not looked for among more runs than a look can bear: it fails, and says so', async () => {
    const client = await clientOfApp(world.standIn);
    const place = { owner: 'octo-org', repo: 'hello', head_sha: 'abc', name: 'build' };
    for (let n = 0; n < 1000; n += 1) await client.request('POST /repos/{owner}/{repo}/check-runs', place);
    const error = 'The commit has more than 1000 check runs of this name.';
    expect(await world.send(checkRun(done))).toEqual({ outcome: 'failed', error });
  });

  it('takes no fields that would lead it elsewhere', async () => {
    for (const name of ['baseUrl', 'url', 'method', 'headers']) {
      const error = `Parameters cannot be named ${name}.`;
      expect(await world.send(checkRun({ [name]: 'https://elsewhere.example' }))).toEqual({
        outcome: 'refused',
        error,
      });
    }
    await world.send(checkRun({ owner: 'elsewhere', name: 'other', head_sha: 'def' }));
    expect(runs()).toEqual(['build abc queued']);
    expect(world.standIn.checkRuns()[0]?.repository.owner).toBe('octo-org');
  });

  it('cannot be made with a token, and says so', async () => {
    const other = await startGithubWorld({ credentials: (standIn) => [tokenCredential(standIn)] });
    expect(await other.send(checkRun(done))).toMatchObject({
      outcome: 'refused',
      error: expect.stringContaining('You must authenticate via a GitHub App.') as unknown,
    });
    await other.close();
  });

  it('waits where its commit cannot be asked about', async () => {
    world.standIn.fault({ match: { method: 'GET' }, fault: { kind: 'too-many-requests', retryAfter: 9 } });
    expect(await world.send(checkRun(done))).toMatchObject({ outcome: 'limited', afterMs: 9000 });
  });
});
