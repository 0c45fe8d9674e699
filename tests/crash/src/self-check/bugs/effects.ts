import type { Bug } from '../bug.ts';

const WRITE = 'packages/database/src/outbox/write-outbox.ts';
const CLAIM = 'packages/database/src/outbox/claim-attempts.ts';
const SETTLE = 'packages/database/src/outbox/settle-attempts.ts';
const COLLECT = 'packages/handlers/src/effects/collect-effects.ts';

export const effectBugs: Bug[] = [
  {
    name: 'ambiguous-resent',
    does: 'posts a comment again where nobody knows whether it is there, without a look',
    edits: [
      {
        file: 'packages/github/src/effects/kinds/comment.ts',
        find: "onAmbiguous: () => 'look',",
        replace: "onAmbiguous: () => 'resend',",
      },
    ],
    round: 'github-unheard',
    breaks: ['E1'],
  },
  {
    name: 'author-not-compared',
    does: 'takes a comment of somebody else for its own, by the marker alone',
    edits: [
      {
        file: 'packages/github/src/effects/find-twins.ts',
        find: "hasMarker(body ?? '', marker) && isBy(user, author))",
        replace:
          "hasMarker(body ?? '', marker) && (user === null || isBy(user, { login: user.login, bot: user.type === 'Bot' })))",
      },
    ],
    round: 'github-copied',
    breaks: ['E1'],
  },
  {
    name: 'look-too-early',
    does: 'looks whether a comment is there while the request may still be under way',
    edits: [
      {
        file: CLAIM,
        find: "and effect.attempt_ends_at + $7::float8 * interval '1 ms' <= clock_timestamp())",
        replace: "and effect.attempt_ends_at + 0 * $7::float8 * interval '1 ms' <= clock_timestamp())",
      },
      {
        file: 'services/relay/src/sending/dispatcher.ts',
        find: 'Math.max(endsAt.monotonic, now + end.afterMs) + marginMs : now',
        replace: 'Math.max(endsAt.monotonic, now + end.afterMs) : now',
      },
    ],
    round: 'github-late',
    breaks: ['E1'],
  },
  {
    name: 'settled-not-known',
    does: 'asks nobody whether an effect was settled before',
    edits: [{ file: WRITE, find: 'if (ids.length === 0) return [];', replace: 'if (ids.length >= 0) return [];' }],
    round: 'effects-removed',
    breaks: ['E1', 'E4'],
  },
  {
    name: 'ordinals-across-runs',
    does: 'counts the effects of a handler over all of its runs',
    edits: [
      { file: COLLECT, find: '  let ordinal = 0;\n', replace: '' },
      {
        file: COLLECT,
        find: 'export interface CollectedEffects {',
        replace: 'let ordinal = 0;\nexport interface CollectedEffects {',
      },
    ],
    round: 'sending',
    breaks: ['E1'],
  },
  {
    name: 'effects-outside',
    does: 'writes effects in a transaction of their own',
    edits: [
      {
        file: 'services/processor/src/slice/run-slice.ts',
        find: '{ decided, known, failed, stored, effects }),',
        replace: '{ decided, known, failed, stored, effects, outside: settings.database }),',
      },
      {
        file: 'services/processor/src/slice/write-outcome.ts',
        find: 'await writeOutbox(tx, fence, effects);',
        replace: 'await writeOutbox(outcome.outside, fence, effects);',
      },
    ],
    round: 'killed-with-effects',
    breaks: ['E4'],
  },
  {
    name: 'effects-by-id',
    does: 'gives positions to the effects of a transaction in the order of their ids',
    edits: [
      {
        file: WRITE,
        find: '      order by n\n         on conflict',
        replace: '      order by effect_id\n         on conflict',
      },
    ],
    round: 'sending',
    breaks: ['E2'],
  },
  {
    name: 'overtaken-by-the-next',
    does: 'goes on with the next effect of a repository while one waits to be sent again',
    edits: [
      {
        file: CLAIM,
        find: "and earlier.position < effect.position and earlier.state <> 'dead')",
        replace: 'and false)',
      },
      {
        file: 'services/relay/src/queue/shard-queue.ts',
        find: '      key.entries[0] = changed;\n',
        replace: '      key.entries.shift();\n      key.entries.push(changed);\n',
      },
    ],
    round: 'receiver-unheard',
    breaks: ['E2'],
  },
  {
    name: 'key-of-each-attempt',
    does: 'sends another idempotency key with each attempt',
    edits: [
      {
        file: 'services/relay/src/kinds/http/http-kind.ts',
        find: "{ 'idempotency-key': effectId,",
        replace: "{ 'idempotency-key': crypto.randomUUID(),",
      },
    ],
    round: 'sending',
    breaks: ['E1'],
  },
  {
    name: 'any-answer-is-success',
    does: 'takes every answer but a refusal for a success',
    edits: [
      {
        file: 'services/relay/src/kinds/http/outcome-of.ts',
        find: 'status >= 200 && status < 300',
        replace: 'status >= 200 && status !== 422',
      },
    ],
    round: 'receiver-unheard',
    breaks: ['E1'],
  },
  {
    name: 'sent-not-settled',
    does: 'forgets what it has sent',
    edits: [
      {
        file: SETTLE,
        find: "'sent', result, total_attempts\n         from sent\n",
        replace: "'sent', result, total_attempts\n         from sent where false\n",
      },
    ],
    round: 'sending',
    breaks: ['E4'],
  },
  {
    name: 'deaths-untold',
    does: 'sets effects aside that their targets refuse, and tells nobody',
    edits: [
      {
        file: SETTLE,
        find: "end.state === 'dead' ? 'dead-lettered' : end.decision",
        replace: "end.state === 'dead' ? null : end.decision",
      },
    ],
    round: 'sending',
    breaks: ['E4'],
  },
  {
    name: 'jobs-not-known',
    does: 'runs a job for each of its records',
    edits: [
      {
        file: 'services/processor/src/slice/decide.ts',
        find: 'const told = decideKnown(record, known, slice, isHandled);',
        replace:
          "const told = delivery.source === 'hookline.jobs' ? null : decideKnown(record, known, slice, isHandled);",
      },
      {
        file: 'packages/database/src/claim-identities.ts',
        find: '$8::bigint[], $9::text[])`,',
        replace: '$8::bigint[], $9::text[]) on conflict do nothing`,',
      },
    ],
    round: 'jobs-appended-twice',
    breaks: ['E5'],
  },
  {
    name: 'parked-is-resent',
    does: 'sends a request again that is not to be repeated, where nobody knows whether it was done',
    edits: [
      {
        file: 'packages/github/src/effects/kinds/request.ts',
        find: "(isIdempotent(request) ? 'resend' : 'park')",
        replace: "(isIdempotent(request) ? 'resend' : 'resend')",
      },
    ],
    round: 'github-unheard',
    breaks: ['E1'],
  },
  {
    name: 'check-run-not-found',
    does: 'makes a check run each time, and looks for none',
    edits: [
      {
        file: 'packages/github/src/effects/kinds/check-run.ts',
        find: 'if (run.external_id === externalId) found.push(BigInt(run.id));',
        replace: 'if (run.external_id === `not ${externalId}`) found.push(BigInt(run.id));',
      },
    ],
    round: 'sending',
    breaks: ['E1'],
  },
];
