import type { GithubIssue } from '@hookline/contracts';
import type { Failed } from '../api/verdict.ts';
import { findTwins, type ListedComment } from '../find-twins.ts';
import { listComments } from './list-comments.ts';
import type { Session } from './open.ts';

export type OwnComment = { ok: true; comment: ListedComment | undefined } | Failed;

/** Finds the comment with this marker that we have made, and deletes those that were made a second time. */
export async function ownComment(session: Session<GithubIssue>, marker: string, since?: Date): Promise<OwnComment> {
  const who = await session.author();
  if (!who.ok) return who;
  const list = await listComments(session, since);
  if (!list.ok) return list;
  const { kept, younger } = findTwins(list.comments, marker, who.author);
  for (const { id } of younger) {
    const { owner, repo } = session.request;
    const verdict = await session.ask({
      route: 'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}',
      parameters: { owner, repo, comment_id: String(id) },
    });
    // Gone, or not to be deleted: trying again would change neither.
    if (!verdict.ok && verdict.result.outcome !== 'refused') return verdict;
  }
  return { ok: true, comment: kept };
}
