import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import githubAppJwt from 'universal-github-app-jwt';
import { app, clientOf, clientOfApp, privateKey, startWithClients } from '../testing/stand-in-client.ts';
import { createStandInApp } from './index.ts';

const TOKENS = 'POST /app/installations/{installation_id}/access_tokens';
const LIST = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
const issue = { owner: 'octo-org', repo: 'hello', issue_number: 7 };

describe('the stand-in', () => {
  let github: Awaited<ReturnType<typeof startWithClients>>;
  let nowMs = Date.now();

  beforeEach(async () => {
    nowMs = Date.now();
    const clock = { now: () => nowMs, monotonic: () => nowMs };
    github = await startWithClients({ clock, tokenLifeMs: 60_000, apps: [{ ...app, installations: [7] }] });
  });
  afterEach(() => github.standIn.stop());

  const withJwt = async (claims: { id?: number; key?: string; now?: number } = {}) => {
    const { id = app.id, key = privateKey, now = Math.floor(nowMs / 1000) } = claims;
    const { token } = await githubAppJwt({ id, privateKey: key, now });
    return clientOf(github.standIn, token);
  };

  it('knows an App by a token that its key has signed', async () => {
    const { data } = await (await withJwt()).request('GET /app');
    expect(data).toMatchObject({ id: 1, slug: 'hookline' });
    const other = createStandInApp().privateKey;
    const refused = async (claims: Parameters<typeof withJwt>[0]) =>
      (await withJwt(claims)).request('GET /app').catch(String);
    expect(await refused({ key: other })).toContain('A JSON web token could not be decoded');
    expect(await refused({ id: 2 })).toContain('A JSON web token could not be decoded');
    expect(await refused({ now: nowMs / 1000 - 600 })).toContain("'Expiration time' claim ('exp') must be");
    expect(await refused({ now: nowMs / 1000 + 120 })).toContain("'Issued at' claim ('iat') must be");
    github.standIn.assertConforms();
  });

  it('gives an installation tokens, which end by time and by being revoked', async () => {
    const { standIn } = github;
    const client = await clientOfApp(standIn);
    const ask = () =>
      client.request(LIST, issue).then(
        ({ status }) => status,
        (error: unknown) => (error as { status: number }).status,
      );
    expect(await ask()).toBe(200);
    nowMs += 60_000;
    expect(await ask()).toBe(401);
    nowMs -= 1;
    expect(await ask()).toBe(200);
    standIn.revokeTokens();
    expect(await ask()).toBe(401);
    await expect((await withJwt()).request(TOKENS, { installation_id: 8 })).rejects.toMatchObject({ status: 404 });
    standIn.assertConforms();
  });

  it('tells who the user of a token is, and answers nobody else', async () => {
    const { asUser, standIn } = github;
    expect((await asUser.request('GET /user')).data).toMatchObject({ login: 'octocat', id: 583_231 });
    await expect(clientOf(standIn, 'wrong').request('GET /user')).rejects.toThrow('Bad credentials');
    expect((await fetch(`${standIn.url}/user`)).status).toBe(401);
    await expect((await clientOfApp(standIn)).request('GET /user')).rejects.toMatchObject({ status: 403 });
    standIn.assertConforms();
  });

  it('counts the requests of each installation by itself', async () => {
    const first = await clientOfApp(github.standIn);
    await first.request(LIST, issue);
    const { headers } = await first.request(LIST, issue);
    expect(headers['x-ratelimit-remaining']).toBe('4998');
    expect((await github.asUser.request(LIST, issue)).headers['x-ratelimit-remaining']).toBe('4999');
  });
});
