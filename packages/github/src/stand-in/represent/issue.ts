import { fullName, type Issue } from '../state.ts';
import type { Addresses } from './addresses.ts';
import { isoTime } from './time.ts';
import { accountOf, nodeId, simpleUser } from './user.ts';

/** GitHub's `issue`. */
export function issueOf(issue: Issue, addresses: Addresses) {
  const repository = `${addresses.api}/repos/${fullName(issue.repository)}`;
  const url = `${repository}/issues/${issue.number}`;
  return {
    id: issue.id,
    node_id: nodeId('I', issue.id),
    url,
    repository_url: repository,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: `${addresses.html}/${fullName(issue.repository)}/issues/${issue.number}`,
    number: issue.number,
    state: issue.state,
    title: issue.title,
    body: issue.body,
    user: simpleUser(accountOf(issue.author), addresses),
    labels: issue.labels.map((name) => ({ name, color: 'ededed', default: false })),
    assignee: null,
    milestone: null,
    locked: false,
    comments: 0,
    closed_at: issue.state === 'closed' ? isoTime(issue.updatedAt) : null,
    created_at: isoTime(issue.createdAt),
    updated_at: isoTime(issue.updatedAt),
  };
}
