import type { Clock } from '@hookline/runtime';

/**
 * Whether to ask now: `ask`; `try` whether it works again, with nobody waiting for the answer; or `skip`.
 */
export type Permission = 'ask' | 'try' | 'skip';

/** Spares whoever asks the wait for something that does not answer, and what does not answer the asking. */
export interface Breaker {
  /** Of two that come while it is open, only one is told to try, until {@link succeeded} or {@link failed} is told. */
  permission(): Permission;
  isOpen(): boolean;
  succeeded(): void;
  failed(): void;
}

/**
 * A circuit breaker: so many failures in a row open it, and a try that succeeds closes it.
 *
 * @param settings.restMs how long after a failure the next try is due
 */
export function createBreaker(settings: {
  failures: number;
  restMs: number;
  clock: Clock;
  opened: () => void;
  closed: () => void;
}): Breaker {
  const { failures, restMs, clock } = settings;
  let inARow = 0;
  let tryAt: number | undefined;
  let trying = false;

  return {
    permission() {
      if (tryAt === undefined) return 'ask';
      if (trying || clock.monotonic() < tryAt) return 'skip';
      trying = true;
      return 'try';
    },
    isOpen: () => tryAt !== undefined,
    succeeded() {
      [inARow, trying] = [0, false];
      if (tryAt === undefined) return;
      tryAt = undefined;
      settings.closed();
    },
    failed() {
      inARow++;
      trying = false;
      if (inARow < failures) return;
      const wasOpen = tryAt !== undefined;
      tryAt = clock.monotonic() + restMs;
      if (!wasOpen) settings.opened();
    },
  };
}
