import type { StandInApp } from '../settings.ts';
import type { Addresses } from './addresses.ts';
import { nodeId, simpleUser } from './user.ts';

const MADE = '2025-01-01T00:00:00Z';

/** What every App of the stand-in may do. */
export const PERMISSIONS = {
  issues: 'write',
  pull_requests: 'write',
  checks: 'write',
  contents: 'write',
  metadata: 'read',
};

/** GitHub's `integration`. */
export function integration({ id, slug }: StandInApp, addresses: Addresses) {
  return {
    id,
    slug,
    node_id: nodeId('A', id),
    client_id: `Iv1.${id}`,
    owner: simpleUser({ login: 'octo-org', id: 1, type: 'Organization' }, addresses),
    name: slug,
    description: '',
    external_url: addresses.html,
    html_url: `${addresses.html}/apps/${slug}`,
    created_at: MADE,
    updated_at: MADE,
    permissions: PERMISSIONS,
    events: [],
  };
}
