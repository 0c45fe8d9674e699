import { setTimeout as delay } from 'node:timers/promises';
import type { LogReader } from './log-reader.ts';
import type { Generation } from './select-generation.ts';

export interface FollowSettings {
  /** Waits for what must hold, and tells what is to be read now. Rejects when the signal is aborted. */
  prepare(signal: AbortSignal): Promise<Generation>;
  open(generation: Generation): LogReader;
  /** Whether all of a generation is processed and what waits of it is given to the next. Asks the database. */
  hasMoved(generation: Generation): Promise<boolean>;
  onMoved(generation: Generation): void;
  /** Milliseconds between two looks at that. */
  pollMs: number;
  /** How long what runs may take to end, in milliseconds. */
  drainMs: number;
}

/** Reads one generation after the other. */
export interface FollowedLog {
  /** Runs until the signal is aborted; rejects with what `prepare` rejects with. */
  run(signal: AbortSignal): Promise<void>;
  /** What reads now; undefined while nothing is read. */
  reader(): LogReader | undefined;
}

/**
 * A generation that has moved is left, and the next one taken up, without a restart. Until this is noticed nothing can go
 * wrong: its fences were raised, nothing is left in it to be read, and nothing waits there any more.
 */
export function followGenerations(settings: FollowSettings): FollowedLog {
  const { pollMs, drainMs } = settings;
  let reader: LogReader | undefined;

  async function untilMoved(generation: Generation, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      await delay(pollMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
      // A database that is away has nothing to say, and whatever needs it tells of that.
      if (await settings.hasMoved(generation).catch(() => false)) return true;
    }
    return false;
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        const generation = await settings.prepare(signal);
        if (signal.aborted) return;
        reader = settings.open(generation);
        reader.start();
        const moved = await untilMoved(generation, signal);
        if (moved) settings.onMoved(generation);
        await reader.stop(drainMs);
        reader = undefined;
      }
    },
    reader: () => reader,
  };
}
