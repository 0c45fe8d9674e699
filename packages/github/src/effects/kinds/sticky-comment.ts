import type { GithubStickyComment } from '@hookline/contracts';
import type { EffectKind } from '@hookline/runtime';
import { stickyMarker, withMarker } from '../marker.ts';
import { identified, madeOf } from './identified.ts';
import { type GithubAccess, open, type Session, targetOf } from './open.ts';
import { ownComment } from './own-comment.ts';
import { createRecent } from '../recent.ts';

const SHAPE = { owner: 'text', repo: 'text', issueNumber: 'number', name: 'text', body: 'text' } as const;

/** The one comment of a name: whoever finds it changes it. So an attempt without an answer is simply made again. */
export function stickyCommentKind(access: GithubAccess): EffectKind {
  /** Ids by place: they save looking through an issue. */
  const remembered = createRecent<string>();

  return {
    name: 'github.stickyComment',
    target: ({ request }) => targetOf(access.credentials, request),
    onAmbiguous: () => 'resend',

    async send(effect, attempt) {
      const opened = open<GithubStickyComment>(access, effect, attempt, SHAPE);
      if (!opened.success) return opened.result;
      const { session } = opened;
      const { owner, repo, issueNumber, name, body } = session.request;
      const marker = stickyMarker(name);
      const marked = withMarker(body, marker);
      if (!marked.success) return { outcome: 'refused', error: marked.problem };
      const place = placeOf(session);

      // What an attempt before has left is only found by looking.
      const known = attempt.number === 1 ? remembered.get(place) : undefined;
      if (known !== undefined) {
        const changed = await change(known);
        if (changed.ok || changed.status !== 404) return madeOf(changed);
        remembered.forget(place);
      }
      const found = await ownComment(session, marker);
      if (!found.ok) return found.result;
      const { comment } = found;
      if (comment?.body === marked.body) return { outcome: 'sent', result: identified(comment) };
      const made = comment === undefined ? await create() : await change(String(comment.id));
      const { id } = made.ok ? identified(made.data) : {};
      if (id !== undefined) remembered.keep(place, id);
      return madeOf(made);

      function create() {
        return session.act({
          route: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
          parameters: { owner, repo, issue_number: issueNumber, body: (marked as { body: string }).body },
        });
      }

      function change(id: string) {
        return session.act({
          route: 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}',
          parameters: { owner, repo, comment_id: id, body: (marked as { body: string }).body },
        });
      }
    },
  };
}

function placeOf({ request }: Session<GithubStickyComment>): string {
  const { namespace, source, installationId, owner, repo, issueNumber, name } = request;
  return JSON.stringify([namespace, source, installationId, owner, repo, issueNumber, name]);
}
