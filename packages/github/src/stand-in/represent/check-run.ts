import { type CheckRun, fullName } from '../state.ts';
import type { Addresses } from './addresses.ts';
import { integration } from './app.ts';
import { nodeId } from './user.ts';

/** GitHub's `check-run`. */
export function checkRunOf(run: CheckRun, addresses: Addresses) {
  const url = `${addresses.api}/repos/${fullName(run.repository)}/check-runs/${run.id}`;
  const html = `${addresses.html}/${fullName(run.repository)}/runs/${run.id}`;
  return {
    id: run.id,
    node_id: nodeId('CR', run.id),
    head_sha: run.headSha,
    name: run.name,
    external_id: run.externalId,
    url,
    html_url: html,
    details_url: run.detailsUrl ?? html,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: { ...run.output, annotations_count: 0, annotations_url: `${url}/annotations` },
    check_suite: { id: 1 },
    app: integration(run.app, addresses),
    pull_requests: [],
  };
}
