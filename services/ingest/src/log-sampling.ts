import type { Clock } from '@hookline/runtime';

/** Lets the first lines of a kind through in each window, and says afterwards how many it has held back. */
export interface LogSampling {
  /** Calls `write` or not; `heldBack` is how many of this kind were not written since the last one that was. */
  sample(kind: string, write: (heldBack: number) => void): void;
}

/**
 * A flood of junk must not become a flood of log lines, nor hide that it happens: the metrics count every one.
 * Kinds are few (source and code), so that nothing grows with what strangers send.
 */
export function createLogSampling(settings: { perWindow: number; windowMs: number; clock: Clock }): LogSampling {
  const { perWindow, windowMs, clock } = settings;
  const kinds = new Map<string, { since: number; written: number; heldBack: number }>();
  return {
    sample(kind, write) {
      const now = clock.monotonic();
      const state = kinds.get(kind) ?? { since: now, written: 0, heldBack: 0 };
      kinds.set(kind, state);
      if (now - state.since >= windowMs) Object.assign(state, { since: now, written: 0 });
      if (state.written >= perWindow) {
        state.heldBack++;
        return;
      }
      state.written++;
      const { heldBack } = state;
      state.heldBack = 0;
      write(heldBack);
    },
  };
}
