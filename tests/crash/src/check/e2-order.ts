import { doneAt, nameOf, storiesOf, type EffectStory, type SendingFacts } from './sending-facts.ts';
import { violation, type Violation } from './violation.ts';

/**
 * E2: effects of one ordering key and queue arrive in the order in which they were asked for: none before those of before
 * were done. What was redriven goes behind; what is dead, or was discarded, was passed by.
 */
export function inOrder(facts: SendingFacts): Violation[] {
  const found: string[] = [];
  const sent = storiesOf(facts).filter((story) => !wentBehind(story) && doneAt(story) !== null);
  for (const [queue, stories] of Map.groupBy(sent, ({ asked }) => `${asked.key} ${asked.queue}`)) {
    let before = stories[0] as EffectStory;
    for (const story of stories.slice(1)) {
      const first = Math.min(...story.arrivals.map(({ at }) => at));
      if (first < (doneAt(before) ?? 0)) {
        found.push(`${queue.trim()}: ${nameOf(story.asked)} at ${first}, ${nameOf(before.asked)} at ${doneAt(before)}`);
      }
      if ((doneAt(story) ?? 0) > (doneAt(before) ?? 0)) before = story;
    }
  }
  return violation('E2', 'effects that arrived before those of before were done', found);
}

function wentBehind({ decided, left }: EffectStory): boolean {
  return (decided['redriven'] ?? 0) > 0 || left.length > 0 || (decided['discarded'] ?? 0) > 0;
}
