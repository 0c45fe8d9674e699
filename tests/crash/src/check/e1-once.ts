import { doneAt, isLate, nameOf, storiesOf, type EffectStory, type SendingFacts } from './sending-facts.ts';
import { violation, type Violation } from './violation.ts';

export interface EffectCounts {
  asked: number;
  /** Done by their targets. */
  done: number;
  dead: number;
  lost: number;
  doubled: number;
  /** Doubled by what the table of residuals allows: they count in no other number. */
  residual: number;
}

/**
 * E1: each effect that a committed run has asked for was done by its target once, under its own id; what is dead because
 * its target refused it was not done. Nothing that no committed run has asked for was sent.
 */
export function doneOnce(facts: SendingFacts): { violations: Violation[]; counts: EffectCounts } {
  const stories = storiesOf(facts);
  const lost = stories.filter((story) => acts(story).length === 0 && !isSetAside(story));
  const more = stories.filter((story) => acts(story).length > 1);
  // One request per freeze: whatever is doubled beyond that has another cause.
  const late = more.filter((story) =>
    acts(story)
      .slice(1)
      .every((one) => isLate(one, doneAt(story), facts)),
  );
  const residual = late.slice(0, facts.frozen.length);
  const doubled = more.filter((story) => !residual.includes(story));
  const refused = stories.filter(
    (story) => acts(story).length > 0 && story.left.some(({ reason }) => reason === 'refused'),
  );
  const misnamed = stories.flatMap(({ asked, arrivals }) =>
    arrivals
      .filter(({ effectId }) => effectId !== asked.effectId)
      .map(({ effectId }) => `${nameOf(asked)}: as ${effectId} instead of ${asked.effectId}`),
  );
  const known = new Set(facts.asked.map(({ about }) => about));
  const unasked = facts.arrivals.filter(({ about }) => !known.has(about));
  return {
    violations: [
      ...violation(
        'E1',
        'effects that their targets have not done',
        lost.map(({ asked }) => nameOf(asked)),
      ),
      ...violation(
        'E1',
        'effects that their targets have done more than once',
        doubled.map((story) => `${nameOf(story.asked)}: ${acts(story).length} times`),
      ),
      ...violation(
        'E1',
        'effects that are dead as refused, and were done',
        refused.map(({ asked }) => nameOf(asked)),
      ),
      ...violation('E1', 'effects that were sent under another id', misnamed),
      ...violation('E1', 'effects that no committed run has asked for', unasked.map(nameOf)),
      ...violation('E1', 'comments that are not what was asked for in the end', misread(facts, stories, residual)),
    ],
    counts: {
      asked: stories.length,
      done: stories.filter((story) => acts(story).length > 0).length,
      dead: facts.outbox.filter(({ state }) => state === 'dead').length,
      lost: lost.length,
      doubled: doubled.length,
      residual: residual.length,
    },
  };
}

const acts = ({ arrivals }: EffectStory): EffectStory['arrivals'] => arrivals.filter(({ acted }) => acted);

/** It waits for an operator, or an operator has given it up. What waits to be sent is told by E4. */
function isSetAside({ left, settled }: EffectStory): boolean {
  return left.length > 0 || settled.some(({ outcome }) => outcome === 'discarded');
}

/** A comment of an effect is there once; of those that share a sticky one, what was asked for last. */
function misread(facts: SendingFacts, stories: readonly EffectStory[], residual: readonly EffectStory[]): string[] {
  const done = stories.filter((story) => acts(story).length > 0);
  const comments = done.filter((story) => story.asked.kind === 'github.comment' && !residual.includes(story));
  const sticky = done.filter(({ asked }) => asked.kind === 'github.stickyComment');
  const last = [...Map.groupBy(sticky, ({ asked }) => asked.key).values()].flatMap((all) =>
    // A request that a frozen relay had kept back changes it to what it said before.
    all.some((story) => residual.includes(story)) ? [] : all.slice(-1),
  );
  return [...comments, ...last].flatMap(({ asked }) => {
    const times = facts.present.get(asked.about) ?? 0;
    return times === 1 ? [] : [`${nameOf(asked)}: there ${times} times`];
  });
}
