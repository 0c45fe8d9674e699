import { Octokit } from '@octokit/core';
import githubAppJwt from 'universal-github-app-jwt';
import { createStandInApp, type GithubStandIn, startGithubStandIn, type StandInSettings } from '../stand-in/index.ts';

/** A key takes a moment to make: one for all tests of a file. */
export const { app, privateKey } = createStandInApp();

export const user = { token: 'ghp_octocat', login: 'octocat', id: 583_231 };

/** A stand-in with one App and one user, and what acts as them; `stop` ends it. */
export async function startWithClients(settings: StandInSettings = {}) {
  const standIn = await startGithubStandIn({ apps: [app], users: [user], ...settings });
  return {
    standIn,
    asUser: clientOf(standIn, user.token),
    asApp: () => clientOfApp(standIn, 7, settings.clock?.now()),
  };
}

export function clientOf({ url }: GithubStandIn, token: string): Octokit {
  return new Octokit({ baseUrl: url, auth: token, log: { debug() {}, info() {}, warn() {}, error() {} } });
}

/** By the token of an installation. */
export async function clientOfApp(standIn: GithubStandIn, installationId = 7, nowMs = Date.now()): Promise<Octokit> {
  const { token } = await githubAppJwt({ id: app.id, privateKey, now: Math.floor(nowMs / 1000) });
  const { data } = await clientOf(standIn, token).request('POST /app/installations/{installation_id}/access_tokens', {
    installation_id: installationId,
  });
  return clientOf(standIn, data.token);
}
