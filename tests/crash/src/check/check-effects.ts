import { doneOnce, type EffectCounts } from './e1-once.ts';
import { inOrder } from './e2-order.ts';
import { oneAtATime } from './e3-one-at-a-time.ts';
import { effectsAccounted } from './e4-accounted.ts';
import { jobsRanOnce } from './e5-jobs.ts';
import type { SendingFacts } from './sending-facts.ts';
import type { Violation } from './violation.ts';

/** What is promised of effects, checked against what arrived at their targets. Pure. */
export function checkEffects(facts: SendingFacts): { violations: Violation[]; counts: EffectCounts } {
  const { violations, counts } = doneOnce(facts);
  return {
    violations: [
      ...violations,
      ...inOrder(facts),
      ...oneAtATime(facts),
      ...effectsAccounted(facts),
      ...jobsRanOnce(facts),
    ],
    counts,
  };
}
