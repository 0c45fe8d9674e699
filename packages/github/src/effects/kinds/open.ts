import type { GithubTarget } from '@hookline/contracts';
import type { Attempt, Clock, SendableEffect, SendResult } from '@hookline/runtime';
import type { Bounds } from '../api/call.ts';
import type { ApiRequest, GithubApi } from '../api/github-api.ts';
import type { Failed, Verdict } from '../api/verdict.ts';
import { chooseCredential } from '../credentials/choose-credential.ts';
import type { Credential } from '../credentials/credential.ts';
import type { Author } from '../find-twins.ts';
import { type FieldShape, requestOf, TARGET } from './request-of.ts';

/** What all kinds of GitHub's share. */
export interface GithubAccess {
  credentials: readonly Credential[];
  apiOf(credential: Credential): GithubApi;
  clock: Clock;
}

/** One attempt at GitHub, under the credential of its effect. */
export interface Session<T> {
  request: T;
  api: GithubApi;
  act(asked: ApiRequest): Promise<Verdict>;
  ask(asked: ApiRequest): Promise<Verdict>;
  author(): Promise<{ ok: true; author: Author } | Failed>;
}

export type Opened<T> =
  | { success: true; session: Session<T> }
  | { success: false; result: SendResult & { error: string } };

/** Begins an attempt: reads its request and chooses its credential. */
export function open<T extends GithubTarget>(
  access: GithubAccess,
  effect: SendableEffect,
  attempt: Attempt,
  shape: Record<Exclude<keyof T & string, keyof GithubTarget>, FieldShape>,
): Opened<T> {
  const refused = (error: string): Opened<T> => ({ success: false, result: { outcome: 'refused', error } });
  const read = requestOf<T>(effect.request, { ...TARGET, ...shape } as Record<keyof T & string, FieldShape>);
  if (!read.success) return refused(read.problem);
  const chosen = chooseCredential(access.credentials, read.value);
  if (!chosen.success) return refused(chosen.problem);
  const api = access.apiOf(chosen.credential);
  const bounds = boundsOf(attempt, access.clock);
  return {
    success: true,
    session: {
      request: read.value,
      api,
      // GitHub knows no such header. It tells proxies, and whoever reads their logs, which effect it was.
      act: (asked) =>
        api.act(read.value, { ...asked, headers: { 'idempotency-key': effect.effectId, ...asked.headers } }, bounds),
      ask: (asked) => api.ask(read.value, asked, bounds),
      author: () => api.author(bounds),
    },
  };
}

function boundsOf(attempt: Attempt, clock: Clock): Bounds {
  const end = clock.monotonic() + attempt.deadlineMs;
  return { signal: attempt.signal, begin: () => attempt.begin(), leftMs: () => end - clock.monotonic() };
}

/**
 * Whose limits an effect comes under: an installation of an App, or a token. Of an effect that no credential is for, its
 * host.
 */
export function targetOf(credentials: readonly Credential[], request: unknown): string {
  const read = requestOf<GithubTarget>(request, TARGET);
  if (!read.success) return 'github';
  const { namespace, installationId } = read.value;
  const chosen = chooseCredential(credentials, read.value);
  if (!chosen.success) return namespace;
  const { credential } = chosen;
  if (credential.type === 'token') return `${namespace}/token/${credentials.indexOf(credential)}`;
  return `${namespace}/app/${credential.appId}/installation/${installationId}`;
}
