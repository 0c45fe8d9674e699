import type { DeadLetter, Fence, LaneDelivery, LaneTotals } from '@hookline/database';
import type { Logger, Metrics } from '@hookline/runtime';
import { createLaneGauges } from './lane-gauges.ts';
import type { HeadRun } from './head-run.ts';

/** What happens in lanes, one function per event: its log line and its metrics together. */
export interface LaneEvents {
  laneRan(fence: Fence, orderingKey: string, run: HeadRun): void;
  /** The process that ran records of this lane is no more. `killed`: it was one record, and that counts. */
  processDied(fence: Fence, orderingKey: string, owner: string, settled: 'careful' | 'killed'): void;
  /** Nobody's fault: the lane is tried again. */
  laneFailed(fence: Fence, orderingKey: string, waitMs: number, error: unknown): void;
  lanesNotRead(fence: Fence, waitMs: number, error: unknown): void;
  startNotCancelled(fence: Fence, orderingKey: string, error: unknown): void;
  /** Of a lane's delivery, or of a record of the log that is none. */
  deadLettered(fence: Fence, record: Pick<LaneDelivery, 'offset'> & Partial<LaneDelivery>, letter: DeadLetter): void;
  /** Null: the partition is ours no more. */
  lanesCounted(partition: number, totals: LaneTotals | null): void;
}

export function createLaneEvents(logger: Logger, metrics: Metrics): LaneEvents {
  const gauges = createLaneGauges(metrics);
  const runs = metrics.counter({
    name: 'hookline_lane_runs_total',
    help: 'Runs of lanes, by how they ended; only retried ones count against a record.',
    labelNames: ['outcome'],
  });
  const deadLetters = metrics.counter({
    name: 'hookline_dead_letters_total',
    help: 'Dead letters written, one per delivery and handler.',
    labelNames: ['reason'],
  });
  return {
    laneRan(fence, orderingKey, run) {
      runs.inc({ outcome: run.end });
      const at = { ...place(fence), orderingKey };
      if (run.end === 'retried' || run.end === 'deferred') {
        const { record, failure, attempts, dueInMs } = run;
        const tried = { handler: failure.handler, attempts, dueInMs: Math.round(dueInMs), err: failure.error };
        const said = run.end === 'retried' ? 'a record failed in its lane' : 'a record was put off, not counted';
        logger.warn({ ...at, ...facts(record), ...tried }, said);
      } else if (run.end === 'dead-lettered' && run.held) {
        logger.error(
          at,
          'LANE_HELD: a delivery is dead, and its repository waits for an operator, as its handler asks',
        );
      }
      if ('closed' in run && run.closed) logger.info(at, 'a lane is empty and closed: its repository flows again');
    },
    processDied(fence, orderingKey, owner, settled) {
      const said =
        settled === 'killed'
          ? 'a process has died while it ran this record; it counts'
          : 'a process has died while it ran records of this lane; they run one at a time';
      logger.error({ ...place(fence), orderingKey, owner }, said);
    },
    laneFailed(fence, orderingKey, waitMs, err) {
      runs.inc({ outcome: 'error' });
      logger.warn({ ...place(fence), orderingKey, waitMs: Math.round(waitMs), err }, 'a lane waits, then tries again');
    },
    lanesNotRead: (fence, waitMs, err) =>
      logger.warn(
        { ...place(fence), waitMs: Math.round(waitMs), err },
        'lanes were not read; waiting, then trying again',
      ),
    startNotCancelled: (fence, orderingKey, err) =>
      logger.warn(
        { ...place(fence), orderingKey, err },
        'the note of a run that was given up was not taken back: the next owner may take this process for dead',
      ),
    deadLettered(fence, record, { handler, reason, attempts, message, fingerprint }) {
      deadLetters.inc({ reason });
      logger.error(
        { ...place(fence), ...facts(record), handler, reason, attempts, fingerprint, detail: message },
        'DEAD_LETTER: it was set aside with all that is needed to run it again, and its repository goes on',
      );
    },
    lanesCounted: gauges.count,
  };
}

function place({ topic, partition, epoch }: Fence) {
  return { topic, partition, epoch: epoch.toString() };
}

function facts({ offset, orderingKey, delivery }: Pick<LaneDelivery, 'offset'> & Partial<LaneDelivery>) {
  const { guid, event, action } = delivery ?? {};
  return { offset: offset.toString(), orderingKey, guid, event, action };
}
