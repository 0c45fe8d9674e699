import type { FetchLoop, OwnedPartition } from '@hookline/kafka';
import type { Clock, Probe } from '@hookline/runtime';
import { createAwakeTime } from './awake-time.ts';
import { findStuck } from './find-stuck.ts';

/** Sees whether this process still makes progress: the probe of `/livez`. It asks nobody. */
export interface Liveness {
  /** Looks at the fetch loop, and at the time. Call it once per period. */
  tick(): void;
  probe: Probe;
  /** A sign of life of the work on a partition. */
  note(partition: number): void;
  /** Watches the work on a partition until it ends. It is busy from each `take` that was answered to its next one. */
  watch<T>(owned: OwnedPartition, work: (owned: OwnedPartition) => Promise<T>): Promise<T>;
  /** Awaits what may rightly take for ever, for the work on a partition, named by its number or its signal. */
  excuse<T>(whose: number | AbortSignal, wait: Promise<T>): Promise<T>;
}

export interface LivenessSettings {
  clock: Clock;
  /** Milliseconds between two ticks. */
  periodMs: number;
  /** Silence for longer than this, with work to do, is the end of progress. */
  stuckMs: number;
  fetchLoop: () => FetchLoop;
}

interface Work {
  partition: number;
  signal: AbortSignal;
  busy: boolean;
  excuses: number;
  lifeAt: number;
}

export function createLiveness({ clock, periodMs, stuckMs, fetchLoop }: LivenessSettings): Liveness {
  const awake = createAwakeTime(clock, periodMs);
  const works = new Set<Work>();
  let loop: FetchLoop = { wanted: false, turns: 0 };
  let turnedAt = 0;

  const live = (work: Work) => void (work.lifeAt = awake.now());

  return {
    tick() {
      awake.tick();
      const now = fetchLoop();
      if (!now.wanted || now.turns !== loop.turns) turnedAt = awake.now();
      loop = now;
    },
    probe() {
      const since = (at: number) => awake.now() - at;
      const progress = {
        fetchLoop: { wanted: loop.wanted, silentMs: since(turnedAt) },
        partitions: [...works].map(({ partition, busy, excuses, lifeAt }) => {
          return { partition, busy, excused: excuses > 0, silentMs: since(lifeAt) };
        }),
      };
      return findStuck(progress, stuckMs) ?? true;
    },
    note(partition) {
      for (const work of works) if (work.partition === partition) live(work);
    },
    async watch(owned, run) {
      const { partition, signal } = owned;
      const work: Work = { partition, signal, busy: true, excuses: 0, lifeAt: awake.now() };
      works.add(work);
      // What is lost ends by itself, and has as long for it: work that never ends keeps its partition from coming back.
      signal.addEventListener('abort', () => live(work), { once: true });
      try {
        return await run({
          ...owned,
          async take(limits) {
            work.busy = false;
            const records = await owned.take(limits);
            work.busy = true;
            live(work);
            return records;
          },
        });
      } finally {
        works.delete(work);
      }
    },
    async excuse(whose, wait) {
      const excused = [...works].filter(({ partition, signal }) => partition === whose || signal === whose);
      for (const work of excused) work.excuses += 1;
      try {
        return await wait;
      } finally {
        for (const work of excused) {
          work.excuses -= 1;
          live(work);
        }
      }
    },
  };
}
