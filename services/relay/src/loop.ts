import { createWakeup } from '@hookline/runtime';

/** Something that is done again and again: when it is woken, when time is up, and at once while there is more to do. */
export interface Loop {
  /** The next turn begins now, or when the present one ends. */
  wake(): void;
  /** Turns until the signal is aborted, and ends with a turn's end. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

export interface LoopSettings {
  /** One turn. Resolves to the milliseconds until there may be more to do; null: not before it is woken. */
  tick: () => Promise<number | null>;
  /** A turn has failed; returns the milliseconds until the next. `failures`: in a row. */
  onError: (error: unknown, failures: number) => number;
  /** A turn has ended, well or not. */
  onTurn?: () => void;
}

export function createLoop({ tick, onError, onTurn }: LoopSettings): Loop {
  const wakeup = createWakeup();
  return {
    wake: wakeup.wake,
    async run(signal) {
      let failures = 0;
      while (!signal.aborted) {
        let waitMs: number | null;
        try {
          waitMs = await tick();
          failures = 0;
        } catch (error) {
          failures += 1;
          waitMs = onError(error, failures);
        }
        onTurn?.();
        if (waitMs !== 0) await wakeup.wait(waitMs, signal);
      }
    },
  };
}
