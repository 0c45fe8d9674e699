import { mostActs, SHARED } from './promises.ts';
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
  /** Of these, what is there twice in the end. */
  twins: number;
  /** Done again as the table says of their kinds: after an attempt without an answer, or by an operator's word. */
  repeated: number;
  /** Dead because nobody knows whether they were done. */
  parked: number;
  /** Runs of jobs. */
  jobs: number;
}

/**
 * E1: each effect that a committed run has asked for was done by its target once, or as often as its kind allows, under
 * its own id; what is dead because its target refused it was not done. Nothing that no committed run has asked for was sent.
 */
export function doneOnce(facts: SendingFacts): { violations: Violation[]; counts: EffectCounts } {
  const stories = storiesOf(facts);
  const lost = stories.filter((story) => acts(story).length === 0 && !isSetAside(story));
  const isMore = (story: EffectStory): boolean =>
    acts(story).length > (mostActs(story, facts.forgotten) ?? acts(story).length);
  const more = stories.filter(isMore);
  const repeated = stories.filter((story) => acts(story).length > 1 && !isMore(story));
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
  const twins = residual.filter(({ asked }) => (facts.present.get(asked.about) ?? 0) > 1).length + facts.twins.length;
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
      ...violation(
        'E1',
        'comments and runs that are not what was asked for in the end',
        misread(facts, stories, residual),
      ),
      ...violation(
        'E1',
        'comments and runs of one name that are there more than once',
        facts.twins.slice(facts.frozen.length),
      ),
    ],
    counts: {
      asked: stories.length,
      done: stories.filter((story) => acts(story).length > 0).length,
      dead: facts.outbox.filter(({ state }) => state === 'dead').length,
      lost: lost.length,
      doubled: doubled.length,
      residual: residual.length,
      twins,
      repeated: repeated.length,
      parked: facts.outbox.filter(({ reason }) => reason === 'ambiguous').length,
      jobs: facts.jobRuns.length,
    },
  };
}

const acts = ({ arrivals }: EffectStory): EffectStory['arrivals'] => arrivals.filter(({ acted }) => acted);

/** It waits for an operator, or an operator has given it up. What waits to be sent is told by E4. */
function isSetAside({ left, settled }: EffectStory): boolean {
  return left.length > 0 || settled.some(({ outcome }) => outcome === 'discarded');
}

/** A comment of an effect is there once; of those that share a comment or a run, what was asked for last. */
function misread(facts: SendingFacts, stories: readonly EffectStory[], residual: readonly EffectStory[]): string[] {
  const done = stories.filter((story) => acts(story).length > 0);
  const comments = done.filter((story) => story.asked.kind === 'github.comment' && !residual.includes(story));
  const shared = done.filter(({ asked }) => SHARED.includes(asked.kind));
  const last = [...Map.groupBy(shared, ({ asked }) => `${asked.kind} ${asked.key}`).values()].flatMap((all) =>
    // A request that a frozen relay had kept back changes it to what it said before.
    all.some((story) => isKeptBack(story, facts) || residual.includes(story)) ? [] : all.slice(-1),
  );
  return [...comments, ...last].flatMap(({ asked }) => {
    const times = facts.present.get(asked.about) ?? 0;
    return times === 1 ? [] : [`${nameOf(asked)}: there ${times} times`];
  });
}

function isKeptBack(story: EffectStory, facts: SendingFacts): boolean {
  return acts(story).some((one) => isLate(one, doneAt(story), facts));
}
