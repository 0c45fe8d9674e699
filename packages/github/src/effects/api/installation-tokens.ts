import type { Clock } from '@hookline/runtime';
import githubAppJwt from 'universal-github-app-jwt';
import type { AppCredential } from '../credentials/credential.ts';
import { createRecent } from '../recent.ts';
import type { Bounds, CallGithub } from './call.ts';
import { about, type Failed, unlike, verdictOf } from './verdict.ts';

export type TokenResult = { success: true; token: string } | { success: false; verdict: Failed };

/** Tokens of the installations of one App. */
export interface InstallationTokens {
  /** A token that lives for a while yet; `unlike`: another than this one, which GitHub takes no longer. */
  get(installationId: string, bounds: Bounds, unlike?: string): Promise<TokenResult>;
  /** A JSON web token, for what is asked as the App itself. */
  appToken(): Promise<string>;
}

/** A token is not used in the last minutes of its hour: an attempt may take long, and clocks differ. */
const MARGIN_MS = 5 * 60_000;

interface Kept {
  token: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

export function createInstallationTokens(app: AppCredential, call: CallGithub, clock: Clock): InstallationTokens {
  const kept = createRecent<Kept>();
  const pending = new Map<string, Promise<TokenResult>>();

  async function appToken(): Promise<string> {
    const now = Math.floor(clock.now() / 1000);
    return (await githubAppJwt({ id: app.appId, privateKey: app.privateKey, now })).token;
  }

  async function make(installationId: string, bounds: Bounds): Promise<TokenResult> {
    const answer = await call(
      {
        route: 'POST /app/installations/{installation_id}/access_tokens',
        parameters: { installation_id: installationId },
        headers: { authorization: `bearer ${await appToken()}` },
      },
      // It changes nothing that matters: an attempt that only made a token has not begun.
      { ...bounds, begin() {} },
    );
    const verdict = verdictOf(answer, false, clock.now());
    const what = `No token for installation ${installationId} of the App ${app.appId}`;
    if (!verdict.ok) return { success: false, verdict: about(what, verdict) };
    const { token, expires_at: expires } = verdict.data as { token?: string; expires_at?: string };
    if (typeof token !== 'string' || typeof expires !== 'string') {
      return { success: false, verdict: about(what, unlike('token')) };
    }
    kept.keep(installationId, { token, expiresAt: Date.parse(expires) });
    return { success: true, token };
  }

  return {
    appToken,
    async get(installationId, bounds, unlike) {
      const known = kept.get(installationId);
      if (known !== undefined && known.token !== unlike && known.expiresAt - MARGIN_MS > clock.now()) {
        return { success: true, token: known.token };
      }
      const asked = pending.get(installationId);
      if (asked !== undefined) return asked;
      const making = make(installationId, bounds).finally(() => pending.delete(installationId));
      pending.set(installationId, making);
      return making;
    },
  };
}
