import type { Clock } from '@hookline/runtime';
import { createRecent } from '../recent.ts';

/** How long to wait where GitHub's secondary limit is met and no time is named: longer each time, until one has passed. */
export interface Patience {
  /** Milliseconds to wait. Whoever meets the limit while it lasts waits for its end, and makes it no longer. */
  limited(target: string): number;
  passed(target: string): void;
}

/** GitHub asks for at least a minute, and for longer each time. */
const FIRST_MS = 60_000;
const LONGEST_MS = 3_600_000;

export function createPatience(clock: Pick<Clock, 'monotonic'>): Patience {
  const waits = createRecent<{ untilMs: number; waitMs: number }>();
  return {
    limited(target) {
      const now = clock.monotonic();
      const last = waits.get(target);
      // Requests that went out together are refused together: that is once.
      if (last !== undefined && now < last.untilMs) return last.untilMs - now;
      const waitMs = Math.min(last === undefined ? FIRST_MS : 2 * last.waitMs, LONGEST_MS);
      waits.keep(target, { untilMs: now + waitMs, waitMs });
      return waitMs;
    },
    passed(target) {
      const last = waits.get(target);
      if (last !== undefined && clock.monotonic() >= last.untilMs) waits.forget(target);
    },
  };
}
