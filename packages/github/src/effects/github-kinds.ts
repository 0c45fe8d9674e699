import type { Outbound } from '@hookline/outbound';
import { type Clock, type EffectKind, systemClock } from '@hookline/runtime';
import { createGithubApi, type GithubApi } from './api/github-api.ts';
import type { Credential } from './credentials/credential.ts';
import { checkRunKind } from './kinds/check-run.ts';
import { commentKind } from './kinds/comment.ts';
import type { GithubAccess } from './kinds/open.ts';
import { requestKind } from './kinds/request.ts';
import { stickyCommentKind } from './kinds/sticky-comment.ts';

export interface GithubKindsSettings {
  /** Of HOOKLINE_GITHUB_FILE; none: every effect is refused, and says so. */
  credentials: readonly Credential[];
  outbound: Pick<Outbound, 'send'>;
  clock?: Clock;
}

/** The kinds of effects at GitHub, for a relay. */
export function githubKinds({ credentials, outbound, clock = systemClock }: GithubKindsSettings): EffectKind[] {
  const apis = new Map<Credential, GithubApi>();
  const access: GithubAccess = {
    credentials,
    clock,
    apiOf(credential) {
      const api = apis.get(credential) ?? createGithubApi(credential, outbound, clock);
      apis.set(credential, api);
      return api;
    },
  };
  return [commentKind(access), stickyCommentKind(access), checkRunKind(access), requestKind(access)];
}
