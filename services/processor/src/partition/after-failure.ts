import type { LaneTries } from '@hookline/database';
import { errorFingerprint } from '@hookline/database';
import type { Handler } from '@hookline/handlers';
import { decideHead, type HeadEvent, type LanePolicy } from '../lanes/decide-lane.ts';
import type { FailureClass } from '../slice/classify-failure.ts';
import type { HandlerFailure } from '../slice/run-handlers.ts';

/** What is done about a record whose handler has failed although it ran alone. */
export type NextStep =
  /** Run it again at once. */
  | 'again'
  /** The handler is broken, not the record: wait, and run it again. */
  | 'wait'
  /** Its key's lane opens, with this record at its head. */
  | 'park';

/**
 * What follows a failure of a record that ran alone. Pure.
 *
 * @param again how many times it has been run again at once already
 */
export function afterFailure(failure: FailureClass, again: number, breakerOpen: boolean): NextStep {
  if (breakerOpen) return 'wait';
  return again < failure.again ? 'again' : 'park';
}

/** What the lane that opens for a failure begins with. Pure. */
export function triesAfter(
  { handler, error }: HandlerFailure,
  { counted, afterMs }: FailureClass,
  handlers: readonly Handler[],
  policy: LanePolicy,
  random: number,
): LaneTries {
  const { maxAttempts, retry } = handlers.find(({ name }) => name === handler)?.policy ?? {};
  const event: HeadEvent = counted
    ? { type: 'failed', maxAttempts, retry }
    : { type: 'deferred', afterMs: afterMs ?? undefined };
  return { ...tries(event, policy, random), error: errorFingerprint(error).message };
}

/** What the lane of a record begins with that a process has died of. Pure. */
export function triesAfterDeath(owner: string, policy: LanePolicy, random: number): LaneTries {
  return {
    ...tries({ type: 'killed' }, policy, random),
    error: `The process ${owner} has died while it ran this record.`,
  };
}

function tries(event: HeadEvent, policy: LanePolicy, random: number): Omit<LaneTries, 'error'> {
  const { next: _next, ...head } = decideHead({ attempts: 0, kills: 0, deferrals: 0 }, event, policy, random);
  return head;
}
