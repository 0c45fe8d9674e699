import { repetitionOf } from './promises.ts';
import { nameOf, storiesOf, type EffectStory, type SendingFacts } from './sending-facts.ts';
import { violation, type Violation } from './violation.ts';

/** Of these each attempt is one request at most; a producer of Kafka sends again by itself. */
const ONE_REQUEST = ['http.post', 'http.forward', 'github.request', 'crash.look', 'crash.resend', 'crash.park'];

/**
 * E4: every effect is settled once, or is dead for a reason and waits for an operator; the audit tells the same; no request
 * went out whose attempt was not recorded; only what its target refuses is dead, and what waits for an operator because
 * nobody knows the end of an attempt. What no committed run has asked for is in no table.
 */
export function effectsAccounted(facts: SendingFacts): Violation[] {
  const stories = storiesOf(facts);
  const known = new Set(facts.asked.map(({ effectId }) => effectId));
  const strays = [...facts.outbox, ...facts.settled].filter(({ effectId }) => !known.has(effectId));
  const found = (problem: (story: EffectStory) => string | null): string[] =>
    stories.flatMap((story) => {
      const what = problem(story);
      return what === null ? [] : [`${nameOf(story.asked)} ${story.asked.effectId}: ${what}`];
    });
  const audited = (problem: (story: EffectStory) => string | null) =>
    found((story) => (facts.forgotten.has(story.asked.guid) ? null : problem(story)));
  return [
    ...violation('E4', 'effects that are left to be sent', found(unsent)),
    ...violation('E4', 'effects that are not settled or dead exactly once', found(misplaced)),
    ...violation('E4', 'effects that are dead without a reason, or an error', found(unexplained)),
    ...violation('E4', 'effects that are dead, and nothing has refused them', found(innocent)),
    ...violation('E4', 'effects without exactly the rows of the audit that are due', audited(misaudited)),
    ...violation('E4', 'requests whose attempts were not recorded', found(unrecorded)),
    ...violation(
      'E4',
      'effects in the tables that no committed run has asked for',
      strays.map(({ effectId }) => effectId),
    ),
  ];
}

function unsent({ left }: EffectStory): string | null {
  return left.some(({ state }) => state !== 'dead') ? (left[0]?.error ?? left[0]?.state ?? '') : null;
}

function misplaced({ left, settled }: EffectStory): string | null {
  const times = left.length + settled.length;
  return times === 1 ? null : `${left.length} times in the outbox, ${settled.length} times settled`;
}

function unexplained({ left }: EffectStory): string | null {
  const [one] = left;
  return one?.state === 'dead' && !(one.reason && one.error) ? `${one.reason}, ${one.error}` : null;
}

function innocent({ asked, left, decided }: EffectStory): string | null {
  const died = (decided['dead-lettered'] ?? 0) > 0 || left.some(({ state }) => state === 'dead');
  const isParked = repetitionOf(asked) === 'parked' && left.every(({ reason }) => reason === 'ambiguous');
  return died && asked.refused === null && !isParked ? `${left[0]?.reason ?? ''} ${left[0]?.error ?? ''}`.trim() : null;
}

function misaudited({ times, left, settled, decided }: EffectStory): string | null {
  const count = (decision: string): number => decided[decision] ?? 0;
  const is = (outcome: string): number => settled.filter((one) => one.outcome === outcome).length;
  const dead = left.filter(({ state }) => state === 'dead').length;
  const due: [string, number, number][] = [
    ['sent', count('sent'), is('sent')],
    ['discarded', count('discarded'), is('discarded')],
    ['known', count('known'), times - 1],
    ['dead-lettered', count('dead-lettered'), dead + count('redriven') + count('discarded')],
  ];
  const wrong = due.filter(([, found, wanted]) => found !== wanted);
  return wrong.length === 0
    ? null
    : wrong.map(([decision, found, wanted]) => `${decision} ${found} times instead of ${wanted}`).join(', ');
}

function unrecorded({ asked, arrivals, left, settled }: EffectStory): string | null {
  if (!ONE_REQUEST.includes(asked.kind)) return null;
  const recorded = Math.max(0, ...left.map((one) => one.totalAttempts), ...settled.map((one) => one.attempts));
  return arrivals.length > recorded ? `${arrivals.length} requests, ${recorded} attempts` : null;
}
