import type { GithubTarget } from '@hookline/contracts';
import type { Outbound } from '@hookline/outbound';
import type { Clock } from '@hookline/runtime';
import type { Credential } from '../credentials/credential.ts';
import type { Author } from '../find-twins.ts';
import { type Bounds, createCallGithub } from './call.ts';
import { createInstallationTokens, type TokenResult } from './installation-tokens.ts';
import { createPatience } from './patience.ts';
import { about, type Failed, unlike, type Verdict, verdictOf } from './verdict.ts';

export interface ApiRequest {
  route: string;
  parameters: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** The API as one credential sees it. Rejects never: a verdict says what the attempt has come to. */
export interface GithubApi {
  credential: Credential;
  /** Changes something: its attempt begins with it. */
  act(target: GithubTarget, request: ApiRequest, bounds: Bounds): Promise<Verdict>;
  /** Changes nothing that a second one would not: it needs not begin. */
  ask(target: GithubTarget, request: ApiRequest, bounds: Bounds): Promise<Verdict>;
  /** Whose name is on what this credential makes; asked once. */
  author(bounds: Bounds): Promise<{ ok: true; author: Author } | Failed>;
}

export function createGithubApi(credential: Credential, outbound: Pick<Outbound, 'send'>, clock: Clock): GithubApi {
  const call = createCallGithub(credential.baseUrl, outbound);
  const tokens = tokensOf(credential, call, clock);
  const patience = createPatience(clock);
  let known: Author | undefined;

  /** GitHub can take back a token before its time: then it is renewed, once. */
  async function request(target: GithubTarget, asked: ApiRequest, bounds: Bounds, acts: boolean): Promise<Verdict> {
    let refused: string | undefined;
    for (;;) {
      const got = await tokens.get(target.installationId ?? '', bounds, refused);
      if (!got.success) return got.verdict;
      const headers = { ...asked.headers, authorization: `token ${got.token}` };
      const answer = await call({ ...asked, headers }, acts ? bounds : { ...bounds, begin() {} });
      const verdict = verdictOf(answer, acts, clock.now());
      if (verdict.ok) patience.passed(target.installationId ?? '');
      if (verdict.ok || verdict.status !== 401 || refused !== undefined) return withPatience(verdict, target);
      refused = got.token;
    }
  }

  /** As the credential, not as an installation of it. */
  async function askAsItself(route: string, bounds: Bounds): Promise<Verdict> {
    let refused: string | undefined;
    for (;;) {
      const got = await tokens.own(bounds, refused);
      if (!got.success) return got.verdict;
      const headers = { authorization: `bearer ${got.token}` };
      const answer = await call({ route, parameters: {}, headers }, { ...bounds, begin() {} });
      const verdict = verdictOf(answer, false, clock.now());
      if (verdict.ok || verdict.status !== 401) return verdict;
      if (credential.type === 'app') return about(`${route} as the App ${credential.appId}`, verdict);
      if (refused !== undefined) return verdict;
      refused = got.token;
    }
  }

  function withPatience(verdict: Verdict, { installationId }: GithubTarget): Verdict {
    if (verdict.ok || verdict.unsaid !== true) return verdict;
    const afterMs = patience.limited(installationId ?? '');
    return { ...verdict, result: { outcome: 'limited', error: verdict.result.error, afterMs } };
  }

  return {
    credential,
    act: (target, asked, bounds) => request(target, asked, bounds, true),
    ask: (target, asked, bounds) => request(target, asked, bounds, false),
    async author(bounds) {
      if (known !== undefined) return { ok: true, author: known };
      const route = credential.type === 'app' ? 'GET /app' : 'GET /user';
      const verdict = await askAsItself(route, bounds);
      if (!verdict.ok) return verdict;
      const { slug, login } = verdict.data as { slug?: string; login?: string };
      const name = credential.type === 'app' ? slug : login;
      // A wrong name would find none of what we have made, and all of it would be made again.
      if (typeof name !== 'string') return unlike(`answer to ${route}`);
      known = credential.type === 'app' ? { login: `${name}[bot]`, bot: true } : { login: name, bot: false };
      return { ok: true, author: known };
    },
  };
}

interface Tokens {
  get(installationId: string, bounds: Bounds, unlike?: string): Promise<TokenResult>;
  /** Of the credential itself. */
  own(bounds: Bounds, unlike?: string): Promise<TokenResult>;
}

function tokensOf(credential: Credential, call: ReturnType<typeof createCallGithub>, clock: Clock): Tokens {
  if (credential.type === 'app') {
    const tokens = createInstallationTokens(credential, call, clock);
    return { get: tokens.get, own: async () => ({ success: true, token: await tokens.appToken() }) };
  }
  let { token } = credential;
  // Its file may hold another by now: tokens are rotated.
  const get = (unlike?: string): TokenResult => {
    if (token !== unlike) return { success: true, token };
    try {
      token = credential.reread();
      return { success: true, token };
    } catch (error) {
      const result = { outcome: 'failed' as const, error: `The token cannot be read: ${(error as Error).message}` };
      return { success: false, verdict: { ok: false, status: null, result } };
    }
  };
  return {
    get: (_installationId, _bounds, unlike) => Promise.resolve(get(unlike)),
    own: (_bounds, unlike) => Promise.resolve(get(unlike)),
  };
}
