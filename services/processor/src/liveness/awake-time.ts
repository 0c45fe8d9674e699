import type { Clock } from '@hookline/runtime';

/**
 * Milliseconds for which this process was able to run. A process that was stopped, swapped out, or whose machine slept
 * has made no progress, and nothing is wrong with it: counted by the clock, the first probe after it would end it.
 */
export interface AwakeTime {
  /** Call once per period; what passed beyond twice the period is taken for sleep. */
  tick(): void;
  /** As of the last tick. */
  now(): number;
}

export function createAwakeTime(clock: Clock, periodMs: number): AwakeTime {
  let last = clock.monotonic();
  let awake = 0;
  return {
    tick() {
      const at = clock.monotonic();
      awake += Math.min(at - last, 2 * periodMs);
      last = at;
    },
    now: () => awake,
  };
}
