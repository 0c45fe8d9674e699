import type { GithubIssue } from '@hookline/contracts';
import type { SendResult } from '@hookline/runtime';
import { type Failed, unlike } from '../api/verdict.ts';
import type { ListedComment } from '../find-twins.ts';
import type { Session } from './open.ts';

const PER_PAGE = 100;
/** Pages that are looked through: beyond, the look fails. */
const MOST_PAGES = 50;

export type CommentList = { ok: true; comments: ListedComment[] } | Failed;

/** All comments of an issue; with `since` those that were made or changed from then on. */
export async function listComments(session: Session<GithubIssue>, since?: Date): Promise<CommentList> {
  const { owner, repo, issueNumber } = session.request;
  const comments: ListedComment[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const verdict = await session.ask({
      route: 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
      parameters: {
        ...{ owner, repo, issue_number: issueNumber, per_page: PER_PAGE, page },
        ...(since === undefined ? {} : { since: since.toISOString() }),
      },
    });
    if (!verdict.ok) return verdict;
    const listed = verdict.data as ListedComment[];
    if (!Array.isArray(listed)) return unlike('list of comments');
    comments.push(...listed);
    if (listed.length < PER_PAGE) return { ok: true, comments };
  }
  const result: SendResult = {
    outcome: 'failed',
    error: `The issue has more than ${PER_PAGE * MOST_PAGES} comments to look through.`,
  };
  return { ok: false, status: null, result };
}
