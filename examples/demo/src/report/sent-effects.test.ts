import { expect, it } from '@jest/globals';
import type { EffectsObservation } from '../effects/run-effects.ts';
import { perfectEffects } from '../testing/perfect-effects.ts';
import { sentEffectRows } from './sent-effects.ts';

const target = { path: '/webhooks/demo', namespace: 'github.com', dedupScope: 'demo', secret: 'secret' };
const perfect = perfectEffects(target);
const wrong = (changes: Partial<EffectsObservation>) =>
  sentEffectRows({ ...perfect, ...changes })
    .filter(({ ok }) => !ok)
    .map(({ name }) => name);

const { synced, forwarded, comments, sent } = perfect;
const [firstIssue = ''] = comments.keys();
const swapped = <T>([first, second, ...others]: readonly T[]): T[] => [second as T, first as T, ...others];

it('has nothing to complain about when all goes well, and a forward of a relay that was killed came again', () => {
  expect(wrong({})).toEqual([]);
  expect(wrong({ forwarded: [...forwarded, ...forwarded.slice(0, 1)] })).toEqual([]);
});

it.each<[string, Partial<EffectsObservation>, string[]]>([
  ['a request that was refused', { exchanges: perfect.exchanges.slice(1) }, ['deliveries accepted, or known']],
  ['a relay that was not killed', { kills: 1 }, ['times that the relay was killed']],
  [
    'an effect that was not sent',
    { sent: new Map([...sent, ['github.comment', 1]]), left: 1, comments: new Map([...comments].slice(1)) },
    ['effects sent', 'effects left', 'issues with exactly one comment'],
  ],
  [
    'a comment that was made twice',
    { comments: new Map([...comments, [firstIssue, 2]]), doubled: 1 },
    ['issues with exactly one comment', 'comments made twice'],
  ],
  ['a stand-in that is not as GitHub', { mismatches: 1 }, ["requests and replies that are not GitHub's"]],
  ['a job that was not done', { synced: synced.slice(1) }, ['jobs done, each once', 'repositories with jobs in order']],
  [
    'a job that was done twice',
    { synced: [...synced, ...synced.slice(0, 1)] },
    ['jobs done twice', 'repositories with jobs in order'],
  ],
  ['jobs in another order', { synced: swapped(synced) }, ['repositories with jobs in order']],
  [
    'a forward that is missing',
    { forwarded: forwarded.slice(1) },
    ['forwards that arrived', 'repositories with forwards in order'],
  ],
  ['forwards in another order', { forwarded: swapped(forwarded) }, ['repositories with forwards in order']],
  [
    'a forward under another key',
    { forwarded: [...forwarded, { ...forwarded[0]!, idempotencyKey: 'another' }] },
    ['forwards that arrived', 'repositories with forwards in order'],
  ],
  [
    'forwards that come again and again',
    { forwarded: [...forwarded, ...forwarded] },
    ['forwards sent again, under the same key'],
  ],
])('shows %s', (_, changes, names) => {
  expect(wrong(changes)).toEqual(names);
});
