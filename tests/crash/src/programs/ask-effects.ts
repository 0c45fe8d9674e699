import type { Effects, HandledDelivery, HandlerDatabase } from '@hookline/handlers';
import { EFFECT } from './behaviour.ts';
import { aboutOf, JOB, readEffectsWanted, ROUTE, wantedEffects, type WantedEffect } from './wanted-effects.ts';

/** Asks for the effects of a delivery, and has each noted in the handler's own transaction. */
export interface EffectsAsker {
  /** To be called before the handler fails, so that it has asked when it does. */
  ask(delivery: HandledDelivery, effects: Effects): void;
  note(delivery: HandledDelivery, db: HandlerDatabase): Promise<void>;
}

export function createEffectsAsker(environment: NodeJS.ProcessEnv = process.env): EffectsAsker {
  const { receiver, kinds } = readEffectsWanted(environment);

  return {
    ask({ guid }, effects) {
      for (const wanted of wantedEffects(guid, kinds)) askFor(wanted, guid, effects, receiver);
    },
    async note({ guid, digest, dedupScope, orderingKey }, db) {
      const wanted = wantedEffects(guid, kinds);
      if (wanted.length === 0) return;
      const keys = keysOf(wanted);
      await db.query(
        `insert into crash.asked (guid, digest, dedup_scope, handler, ordering_key, effect_key, kind, queue, about, refused)
         select $1, $2, $3, $4, $5, effect_key, kind, queue, about, refused
           from unnest($6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
                with ordinality as asked (effect_key, kind, queue, about, refused, n)
          order by n`,
        [
          ...[guid, digest, dedupScope, EFFECT, orderingKey, keys],
          wanted.map(({ kind }) => kind),
          wanted.map(({ queue }) => queue),
          wanted.map((effect) => aboutOf(guid, effect)),
          wanted.map(({ refused }) => refused),
        ],
      );
    },
  };
}

const ISSUE = 1;
const LABELS = 'PUT /repos/{owner}/{repo}/issues/{issue_number}/labels';
const DISPATCH = 'POST /repos/{owner}/{repo}/dispatches';
/** All of a repository are about one commit, and so have one run. */
const HEAD_SHA = 'c'.repeat(40);
/** The rest is counted by its place. */
const NAMED = ['two', 'side'];

/** Counted anew in each run, without those that name themselves: as the documentation promises. */
function keysOf(wanted: readonly WantedEffect[]): string[] {
  let ordinal = 0;
  return wanted.map(({ name }) => (NAMED.includes(name) ? name : `#${ordinal++}`));
}

function askFor(wanted: WantedEffect, guid: string, effects: Effects, receiver: string): void {
  const { name, queue, refused } = wanted;
  const about = aboutOf(guid, wanted);
  const key = NAMED.includes(name) ? { key: name } : {};
  switch (name) {
    case 'comment':
      return effects.githubComment({ issueNumber: ISSUE, body: about });
    case 'sticky':
      return effects.githubStickyComment({ issueNumber: ISSUE, key: 'status', body: about });
    case 'forward':
      return effects.forward({ route: ROUTE });
    case 'job':
      return effects.job(JOB, { about });
    case 'check':
      return effects.githubCheckRun({ headSha: HEAD_SHA, name: 'status', output: { title: 'Status', summary: about } });
    case 'labels':
      return effects.githubRequest(LABELS, { issue_number: ISSUE, labels: [about] });
    case 'dispatch':
      return effects.githubRequest(DISPATCH, { event_type: 'crash', client_payload: { about } });
    case 'looked':
    case 'resent':
    case 'parked':
      return effects.add(wanted.kind, { about });
    case 'post':
    case 'two':
    case 'side':
    case 'refused':
      return effects.post({ url: `${receiver}/post`, body: { about, refused }, queue, ...key });
  }
}
