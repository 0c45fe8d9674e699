import { type Comment, fullName } from '../state.ts';
import type { Addresses } from './addresses.ts';
import { integration } from './app.ts';
import { isoTime } from './time.ts';
import { accountOf, nodeId, simpleUser } from './user.ts';

/** GitHub's `issue-comment`. */
export function issueComment(comment: Comment, addresses: Addresses) {
  const { id, repository, issueNumber, body, author, createdAt, updatedAt } = comment;
  const api = `${addresses.api}/repos/${fullName(repository)}`;
  return {
    id,
    node_id: nodeId('IC', id),
    url: `${api}/issues/comments/${id}`,
    html_url: `${addresses.html}/${fullName(repository)}/issues/${issueNumber}#issuecomment-${id}`,
    issue_url: `${api}/issues/${issueNumber}`,
    body,
    user: simpleUser(accountOf(author), addresses),
    created_at: isoTime(createdAt),
    updated_at: isoTime(updatedAt),
    author_association: 'NONE',
    performed_via_github_app: author.kind === 'user' ? null : integration(author.app, addresses),
  };
}
