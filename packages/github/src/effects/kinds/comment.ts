import type { GithubComment } from '@hookline/contracts';
import type { EffectKind } from '@hookline/runtime';
import { effectMarker, withMarker } from '../marker.ts';
import { identified, madeOf } from './identified.ts';
import { looked } from './looked.ts';
import { type GithubAccess, open, targetOf } from './open.ts';
import { ownComment } from './own-comment.ts';

const SHAPE = { owner: 'text', repo: 'text', issueNumber: 'number', body: 'text' } as const;

/** Clocks of the database and of GitHub differ; further back there is nothing of an effect. */
const MARGIN_MS = 10 * 60_000;

/** A new comment. Whether an attempt without an answer has made it, its marker tells. */
export function commentKind(access: GithubAccess): EffectKind {
  return {
    name: 'github.comment',
    target: ({ request }) => targetOf(access.credentials, request),
    onAmbiguous: () => 'look',

    async send(effect, attempt) {
      const opened = open<GithubComment>(access, effect, attempt, SHAPE);
      if (!opened.success) return opened.result;
      const { session } = opened;
      const { owner, repo, issueNumber, body } = session.request;
      const marked = withMarker(body, effectMarker(effect.effectId));
      if (!marked.success) return { outcome: 'refused', error: marked.problem };
      const made = await session.act({
        route: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
        parameters: { owner, repo, issue_number: issueNumber, body: marked.body },
      });
      return madeOf(made);
    },

    async look(effect, attempt) {
      const opened = open<GithubComment>(access, effect, attempt, SHAPE);
      // No request of it can have gone out: sending refuses it for the same reason.
      if (!opened.success) return { found: 'nothing' };
      const since = new Date(effect.createdAt.getTime() - MARGIN_MS);
      const found = await ownComment(opened.session, effectMarker(effect.effectId), since);
      if (!found.ok) return looked(found);
      return found.comment === undefined ? { found: 'nothing' } : { found: 'sent', result: identified(found.comment) };
    },
  };
}
