import { checkEpoch, readDueLanes, readLaneTotals, type LaneHead, type RecordStart } from '@hookline/database';
import { backoffMs, createWakeup } from '@hookline/runtime';
import type { Suspicion } from './decide-take.ts';
import type { LaneSettings, OwnedLanes } from './lane-settings.ts';
import type { HeadRun } from './head-run.ts';
import { runHead } from './run-head.ts';
import { settleStart } from './settle-start.ts';
import { createTotalsWatch } from './totals-watch.ts';

/** Runs the lanes of one partition while it is ours. */
export interface LaneRunner {
  /** A slice has opened a lane, or made one due. */
  wake(): void;
  /** Begins to run what is due; resolves to the milliseconds until there may be more, null: not before a wake. */
  tick(): Promise<number | null>;
  /** Ticks until it is stopped, or fenced out. Never rejects; ends when every run has. */
  run(): Promise<'STOPPED' | 'FENCED'>;
  /** Begins no other run. `abort`: those that run are rolled back instead of waited for. */
  stop(abort: boolean): void;
}

/** What the lanes of one partition need beside the settings of all. */
export type LanePlace = Pick<OwnedLanes, 'fence' | 'turn' | 'signal'> & {
  /** Aborted when the partition is being given up: no other run is begun. */
  closing: AbortSignal;
  /** What other processes had begun and not ended when the partition was taken over. */
  starts: readonly RecordStart[];
};

/** How long a lane rests after it gave way, or after an error that was nobody's fault. */
const REST = { baseMs: 100, maxMs: 5000 };

/**
 * Knows in memory when the next lane is due: nothing is asked while no lane is open. A lane is run by one task at a time;
 * several of a partition run at once, within the bounds of the process.
 */
export function createLaneRunner(settings: LaneSettings, { starts, closing, ...place }: LanePlace): LaneRunner {
  const { database, events, clock, concurrency, slots, suspects, random, blameAfterMs } = settings;
  const { fence } = place;
  const stopped = new AbortController();
  const gone = new AbortController();
  const signal = AbortSignal.any([place.signal, gone.signal]);
  const waiting = AbortSignal.any([signal, stopped.signal, closing]);
  const lanes: OwnedLanes = { ...settings, ...place, signal };
  const wakeup = createWakeup();
  const blameAt = clock.monotonic() + blameAfterMs;
  const unsettled = new Map(
    starts.filter(({ stage }) => stage === 'lane').map((start) => [start.orderingKey, start] as const),
  );
  const running = new Map<string, Promise<void>>();
  const suspicions = new Map<string, Suspicion>();
  /** Lanes that are due and must not run yet, until when, and after how many such ends in a row. */
  const resting = new Map<string, { until: number; tries: number }>();
  let isFenced = false;
  /** A run has ended by an error: a takeover ends our connections, and the heir may have left us nothing to find it by. */
  let inDoubt = false;
  const totals = createTotalsWatch(
    async () => {
      const counted = await readLaneTotals(database, fence);
      events.lanesCounted(fence.partition, counted);
      return counted.lanes;
    },
    () => clock.monotonic(),
  );

  async function tick(): Promise<number | null> {
    if (inDoubt && !(await checkEpoch(database, fence))) fencedOut(null);
    inDoubt = false;
    if (isFenced) return null;
    const nextTotalsMs = await totals.tick();
    const nextDueMs = running.size < concurrency ? await startDue() : Number.POSITIVE_INFINITY;
    const next = Math.min(nextTotalsMs ?? Number.POSITIVE_INFINITY, nextDueMs);
    return Number.isFinite(next) ? Math.max(0, next) : null;
  }

  /** Resolves to the milliseconds until another may be due; infinite: not before a wake. */
  async function startDue(): Promise<number> {
    // One look at the clock: a rest that ended between two would be left out here and waited for by nobody.
    const now = clock.monotonic();
    const rest = [...resting].filter(([, { until }]) => until > now);
    const { due, nextDueInMs } = await readDueLanes(database, fence, concurrency - running.size, [
      ...running.keys(),
      ...rest.map(([key]) => key),
    ]);
    for (const head of due) {
      const { orderingKey } = head;
      const run = work(head).finally(() => {
        running.delete(orderingKey);
        totals.changed();
        wakeup.wake();
      });
      running.set(orderingKey, run);
    }
    if (running.size >= concurrency) return Number.POSITIVE_INFINITY;
    return Math.min(...rest.map(([, { until }]) => until - now), nextDueInMs ?? Number.POSITIVE_INFINITY);
  }

  /** Never rejects. */
  async function work(head: LaneHead): Promise<void> {
    const { orderingKey } = head;
    try {
      const start = unsettled.get(orderingKey);
      if (start) return await settle(head, start);
      const run = await withPlace(head, () => runHead(lanes, head, suspicions.get(orderingKey) ?? null));
      events.laneRan(fence, orderingKey, run);
      follow(orderingKey, run);
    } catch (error) {
      if (waiting.aborted) return;
      inDoubt = true;
      events.laneFailed(fence, orderingKey, restFor(orderingKey), error);
    }
  }

  /** A suspect waits for its turn among suspects before it takes the place of a lane that could run. */
  async function withPlace<T>(head: LaneHead, run: () => Promise<T>): Promise<T> {
    const isSuspect = head.kills > 0 || head.headPosition < head.carefulUntil;
    const endSuspicion = isSuspect ? await suspects.take(waiting) : () => {};
    try {
      const giveBack = await slots.take(waiting);
      try {
        return await run();
      } finally {
        giveBack();
      }
    } finally {
      endSuspicion();
    }
  }

  function follow(orderingKey: string, run: HeadRun): void {
    if (run.end === 'fenced') return fencedOut(run.epoch);
    if (run.end === 'gave-way') return void restFor(orderingKey);
    resting.delete(orderingKey);
    if (run.end === 'isolated') suspicions.set(orderingKey, run.suspicion);
    if (!('records' in run)) return;
    const suspicion = suspicions.get(orderingKey);
    const { position } = run.records.at(-1) as { position: bigint };
    if (suspicion && position >= suspicion.through) suspicions.delete(orderingKey);
  }

  async function settle(head: LaneHead, start: RecordStart): Promise<void> {
    const { orderingKey } = head;
    if (clock.monotonic() < blameAt) return void resting.set(orderingKey, { until: blameAt, tries: 0 });
    const settled = await settleStart(lanes, head, start);
    if (!settled.success && settled.reason === 'GAVE_WAY') return void restFor(orderingKey);
    if (!settled.success) return fencedOut(settled.epoch);
    unsettled.delete(orderingKey);
    if (settled.value !== 'nobody') events.processDied(fence, orderingKey, start.owner, settled.value);
  }

  function restFor(orderingKey: string): number {
    const tries = (resting.get(orderingKey)?.tries ?? 0) + 1;
    const waitMs = backoffMs(tries, REST, random());
    resting.set(orderingKey, { until: clock.monotonic() + waitMs, tries });
    return waitMs;
  }

  function fencedOut(epoch: bigint | null): void {
    if (!isFenced) events.fenced(fence, epoch);
    isFenced = true;
    gone.abort(new Error('The partition has another owner.'));
    wakeup.wake();
  }

  return {
    wake() {
      totals.changed();
      wakeup.wake();
    },
    tick,
    async run() {
      for (let failures = 0; !waiting.aborted;) {
        const waitMs = await tick().then(
          (ms) => {
            failures = 0;
            return ms;
          },
          (error: unknown) => {
            failures += 1;
            const ms = backoffMs(failures, REST, random());
            if (!waiting.aborted) events.lanesNotRead(fence, ms, error);
            return ms;
          },
        );
        await wakeup.wait(waitMs, waiting);
      }
      await Promise.all(running.values());
      events.lanesCounted(fence.partition, null);
      return isFenced ? 'FENCED' : 'STOPPED';
    },
    stop(abort) {
      stopped.abort(new Error('No other lane is begun.'));
      if (abort) gone.abort(new Error('The partition is given up.'));
    },
  };
}
