import type { StandInApp } from '../settings.ts';
import type { Principal } from '../state.ts';
import type { Addresses } from './addresses.ts';

/** Whose name is on what a principal makes: a user, or the App's bot. */
export function accountOf(principal: Principal): { login: string; id: number; type: 'User' | 'Bot' } {
  if (principal.kind === 'user') return { login: principal.user.login, id: principal.user.id, type: 'User' };
  return { login: `${principal.app.slug}[bot]`, id: botId(principal.app), type: 'Bot' };
}

function botId({ id }: StandInApp): number {
  return 10_000_000 + id;
}

/** GitHub's `simple-user`. */
export function simpleUser({ login, id, type }: { login: string; id: number; type: string }, { api, html }: Addresses) {
  const url = `${api}/users/${encodeURIComponent(login)}`;
  return {
    login,
    id,
    node_id: nodeId('U', id),
    avatar_url: `${html}/avatars/${id}`,
    gravatar_id: '',
    url,
    html_url: `${html}/${encodeURIComponent(login)}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: false,
  };
}

export function nodeId(kind: string, id: number): string {
  return `${kind}_${Buffer.from(String(id)).toString('base64url')}`;
}
