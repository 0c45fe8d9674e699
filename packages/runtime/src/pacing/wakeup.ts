/** A wait that can be ended early, also from before it began: no wake is lost. */
export interface Wakeup {
  wake(): void;
  /**
   * Resolves at the next wake, at one since the last wait, after `ms` (null: never) or what a timer can wait (24 days), or
   * when the signal is aborted.
   */
  wait(ms: number | null, signal: AbortSignal): Promise<void>;
}

/** A timer of Node that is asked for more fires at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

export function createWakeup(): Wakeup {
  let woken = false;
  let end: (() => void) | null = null;
  return {
    wake() {
      woken = true;
      end?.();
    },
    async wait(ms, signal) {
      if (!woken && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = ms === null ? undefined : setTimeout(done, Math.min(ms, LONGEST_TIMER_MS));
          function done(): void {
            clearTimeout(timer);
            signal.removeEventListener('abort', done);
            end = null;
            resolve();
          }
          end = done;
          signal.addEventListener('abort', done, { once: true });
        });
      }
      woken = false;
    },
  };
}
