import { markerOf } from '../ledger.ts';
import { issueComment } from '../represent/comment.ts';
import { accountOf } from '../represent/user.ts';
import { errorReply, invalid, notFound, type Reply } from '../reply.ts';
import type { Comment } from '../state.ts';
import type { Acting, Handle } from './acting.ts';
import { page } from './page.ts';

/** Bytes of UTF-8, found by trying. GitHub's message has the same number in characters of four bytes. */
const LONGEST = 262_144;

/** Comments of issues and pull requests: create, list, get, change and delete. */
export const comments: Record<string, Handle> = {
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'(acting) {
    const { state, parameters, principal, now, body } = acting;
    if (principal.kind === 'app') return notFound();
    const problem = bodyProblem(body['body']);
    if (problem !== null) return problem;
    const comment: Comment = {
      id: state.nextId(),
      repository: repositoryOf(acting),
      issueNumber: Number(parameters['issue_number']),
      body: body['body'] as string,
      author: principal,
      createdAt: now,
      updatedAt: now,
    };
    state.comments.set(comment.id, comment);
    record(acting, 'create', comment);
    const shown = issueComment(comment, acting.addresses);
    return { status: 201, headers: { location: shown.url }, body: shown };
  },

  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments'(acting) {
    const repository = repositoryOf(acting);
    const since = Date.parse(acting.query.get('since') ?? '1970-01-01T00:00:00Z');
    const found = [...acting.state.comments.values()].filter(
      (comment) =>
        comment.repository === repository &&
        comment.issueNumber === Number(acting.parameters['issue_number']) &&
        // GitHub keeps whole seconds.
        Math.floor(comment.updatedAt / 1000) * 1000 >= since,
    );
    return page(found, acting, (shown) => shown.map((comment) => issueComment(comment, acting.addresses)));
  },

  'GET /repos/{owner}/{repo}/issues/comments/{comment_id}'(acting) {
    const comment = find(acting);
    if (comment === undefined) return notFound();
    return { status: 200, body: issueComment(comment, acting.addresses) };
  },

  'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}'(acting) {
    const comment = find(acting);
    if (comment === undefined) return notFound();
    const refused = notTheirs(acting, comment) ?? bodyProblem(acting.body['body']);
    if (refused !== null) return refused;
    comment.body = acting.body['body'] as string;
    comment.updatedAt = acting.now;
    record(acting, 'update', comment);
    return { status: 200, body: issueComment(comment, acting.addresses) };
  },

  'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}'(acting) {
    const comment = find(acting);
    if (comment === undefined) return notFound();
    const refused = notTheirs(acting, comment);
    if (refused !== null) return refused;
    acting.state.comments.delete(comment.id);
    record(acting, 'delete', comment);
    return { status: 204 };
  },
};

function repositoryOf({ state, parameters }: Acting) {
  return state.repository(parameters['owner'] ?? '', parameters['repo'] ?? '');
}

function find(acting: Acting): Comment | undefined {
  const comment = acting.state.comments.get(Number(acting.parameters['comment_id']));
  return comment?.repository === repositoryOf(acting) ? comment : undefined;
}

function bodyProblem(body: unknown): Reply | null {
  if (typeof body !== 'string' || body.trim() === '') return invalid('IssueComment', 'body', "Body can't be blank");
  if (Buffer.byteLength(body) <= LONGEST) return null;
  return invalid('IssueComment', 'body', 'body is too long (maximum is 65536 characters)');
}

function notTheirs({ principal }: Acting, { author }: Comment): Reply | null {
  if (accountOf(principal).login === accountOf(author).login) return null;
  return errorReply(403, 'Resource not accessible by integration');
}

function record(acting: Acting, did: 'create' | 'update' | 'delete', comment: Comment): void {
  acting.record({
    did,
    what: 'comment',
    repository: `${comment.repository.owner}/${comment.repository.name}`,
    subject: String(comment.issueNumber),
    id: comment.id,
    ...markerOf(comment.body),
  });
}
