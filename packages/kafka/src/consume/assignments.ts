import { setTimeout as delay } from 'node:timers/promises';
import { PartitionQueue, type Discontinuity, type ReadRecord } from './partition-queue.ts';
import { QueueBudget, type QueueLimits } from './queue-budget.ts';

/** Why the work on a partition ended by itself. */
export type WorkEnd =
  /** Its queue was closed: the partition is being given up. */
  | 'CLOSED'
  /** Another owner holds the fence. If the group still gives the partition to us, it is taken over again. */
  | 'FENCED'
  /** Nobody else holds the fence, and it must begin anew from the stored offset: it is taken over again. */
  | 'AGAIN'
  /** It was halted, and a human has resumed it: it is taken over again, at once. */
  | 'RESUMED';

/** A partition while it is ours. */
export interface OwnedPartition {
  partition: number;
  /** Next records in order; empty: the partition is being given up, end now, or there is a discontinuity. */
  take(limits: QueueLimits): Promise<ReadRecord[]>;
  /** Where the log does not go on behind the last record that was taken; null: it does, or nobody knows yet. */
  discontinuity(): Discontinuity | null;
  /** Aborted when the partition is lost: roll back and return at once, wait for nothing. */
  signal: AbortSignal;
  /** Aborted when the partition is being given up, lost or not: what runs may end, what only waits ends now. */
  closing: AbortSignal;
}

/** What happens to partitions. One call per event, for logs and metrics. */
export interface AssignmentEvents {
  takeOverFailed(partition: number, error: unknown): void;
  owned(partition: number, offset: bigint): void;
  misplaced(partition: number, expected: bigint, found: bigint): void;
  workCrashed(partition: number, error: unknown): void;
}

/** What a takeover gives: at least the offset to read from. */
export interface Taken {
  from: bigint;
}

export interface AssignmentOptions<T extends Taken> {
  /** Of one partition. */
  queueLimits: QueueLimits;
  /** Of all partitions together, what is being worked on included. */
  totalLimits: QueueLimits;
  /**
   * Takes the fence; resolves what was taken, or that somebody else took it meanwhile. As long as it takes (a halt waits
   * for a human), the partition is paused. A rejection is retried while the partition is assigned.
   */
  takeOver(partition: number, signal: AbortSignal): Promise<T | 'FENCED'>;
  /** Works on what this very takeover took: one of an older join may end later, and is dropped. */
  work(owned: OwnedPartition, taken: T): Promise<WorkEnd>;
  events: AssignmentEvents;
  /** Milliseconds before a failed takeover is tried again. */
  retryMs: number;
}

/** The controls of the present client, and of its fetch loop. */
export interface Fetching {
  /** Ends the client: the next one joins the group anew. */
  giveUp(reason: Error): void;
  pause(partitions: number[]): void;
  seekAndResume(partition: number, offset: bigint): void;
  resume(partition: number): void;
}

/** Batches in a row that did not continue their queue, after which the log itself must have changed. */
const MISPLACED_LIMIT = 4;

/**
 * Times that another owner takes a partition from us in one join, after which it is we who are wrong about the group.
 * Once is a former owner that was late. A member whose heartbeats have stopped (its clock was set back) is never told that
 * it is out: it and the true owner would take the partition from each other for ever.
 */
const FENCED_LIMIT = 2;

interface Entry {
  partition: number;
  lost: AbortController;
  closing: AbortController;
  queue: PartitionQueue | null;
  misplaced: number;
  done: Promise<void>;
}

/**
 * The partitions of the present join. A join replaces everything, retained partitions included: KafkaJS may deliver
 * batches fetched before it, and loads begun before it may resolve after it, so nothing of an older join may touch
 * the new one's queues. Old work is aborted, never waited for.
 */
export class Assignments<T extends Taken> {
  readonly #options: AssignmentOptions<T>;
  readonly #budget: QueueBudget;
  #entries = new Map<number, Entry>();
  #draining = false;

  constructor(options: AssignmentOptions<T>) {
    this.#options = options;
    this.#budget = new QueueBudget(options.totalLimits);
  }

  /** Begins a join. Pauses all partitions before it returns: without that, KafkaJS may fetch from a place of its own. */
  begin(partitions: number[], fetching: Fetching): void {
    this.lose();
    if (partitions.length > 0) fetching.pause(partitions);
    for (const partition of partitions) {
      const entry: Entry = {
        partition,
        lost: new AbortController(),
        closing: new AbortController(),
        queue: null,
        misplaced: 0,
        done: Promise.resolve(),
      };
      this.#entries.set(partition, entry);
      entry.done = this.#own(entry, fetching);
    }
  }

  /**
   * Takes a fetched batch into its partition's queue; false: the batch must be left unresolved.
   *
   * @param overtaken a seek waits for the next fetch: the batch was fetched before it, and says nothing about the log
   */
  accept(partition: number, batch: readonly ReadRecord[], fetching: Fetching, overtaken = false): boolean {
    const entry = this.#entries.get(partition);
    const queue = entry?.queue;
    const first = batch[0];
    if (!first || overtaken) return false;
    if (!entry || !queue || queue.closed) {
      // Not ours, not loaded yet, or being given up. Unpaused it would be fetched again, and again, at once.
      fetching.pause([partition]);
      return false;
    }
    if (queue.push(batch)) {
      entry.misplaced = 0;
      if (queue.full) fetching.pause([partition]);
      return true;
    }
    entry.misplaced += 1;
    fetching.pause([partition]);
    if (queue.discontinuity) return false;
    if (entry.misplaced >= MISPLACED_LIMIT) {
      queue.discontinue(batch);
    } else {
      this.#options.events.misplaced(partition, queue.next, first.offset);
      fetching.seekAndResume(partition, queue.next);
      if (queue.full) fetching.pause([partition]);
    }
    return false;
  }

  /** Gives every partition up at once: aborts what runs and forgets what is queued. */
  lose(): void {
    for (const entry of this.#entries.values()) {
      entry.lost.abort(new Error('The partition was lost to a rebalance.'));
      entry.closing.abort(entry.lost.signal.reason);
      entry.queue?.close();
    }
    this.#entries = new Map();
  }

  /** Ends after the slices that run now; what does not end within `withinMs` is aborted. Nothing begins afterwards. */
  async drain(withinMs: number): Promise<void> {
    this.#draining = true;
    const entries = [...this.#entries.values()];
    const reason = new Error('The consumer is stopping.');
    for (const { queue, lost, closing } of entries) {
      closing.abort(reason);
      if (queue) queue.close();
      else lost.abort(reason);
    }
    const timer = new AbortController();
    await Promise.race([
      Promise.all(entries.map(({ done }) => done)),
      delay(withinMs, undefined, { signal: timer.signal }).catch(() => {}),
    ]);
    timer.abort();
    this.lose();
    await Promise.all(entries.map(({ done }) => done));
  }

  get partitions(): number[] {
    return [...this.#entries.keys()];
  }

  async #own(entry: Entry, fetching: Fetching): Promise<void> {
    const { partition, lost } = entry;
    const { events, retryMs } = this.#options;
    let fenced = 0;
    while (!lost.signal.aborted && !this.#draining) {
      try {
        const end = await this.#ownOnce(entry, fetching);
        if (end === 'CLOSED') return;
        if (end === 'RESUMED') continue;
        if (end === 'FENCED') fenced += 1;
        if (fenced === FENCED_LIMIT) {
          const reason = `partition ${partition} has another owner, who took it ${fenced} times since this member joined`;
          fetching.giveUp(new Error(reason));
          return;
        }
      } catch (error) {
        if (lost.signal.aborted) return;
        events.takeOverFailed(partition, error);
      }
      await delay(retryMs, undefined, { signal: lost.signal }).catch(() => {});
    }
  }

  async #ownOnce(entry: Entry, fetching: Fetching): Promise<WorkEnd> {
    const { partition, lost } = entry;
    const taken = await this.#options.takeOver(partition, lost.signal);
    if (lost.signal.aborted || this.#draining) return 'CLOSED';
    if (taken === 'FENCED') return taken;
    this.#options.events.owned(partition, taken.from);
    return this.#workFrom(entry, taken, fetching);
  }

  async #workFrom(entry: Entry, taken: T, fetching: Fetching): Promise<WorkEnd> {
    const { partition, lost, closing } = entry;
    const queue = new PartitionQueue(taken.from, this.#options.queueLimits, this.#budget, () => {
      if (!lost.signal.aborted && !queue.discontinuity) fetching.resume(partition);
    });
    entry.queue = queue;
    entry.misplaced = 0;
    fetching.seekAndResume(partition, taken.from);
    try {
      const owned: OwnedPartition = {
        partition,
        take: (limits) => queue.take(limits),
        discontinuity: () => queue.discontinuity,
        signal: lost.signal,
        closing: closing.signal,
      };
      return await this.#options.work(owned, taken);
    } catch (error) {
      if (lost.signal.aborted || error === closing.signal.reason) return 'CLOSED';
      // Work reports its failures as ends; a throw is a bug of ours. Owning anew starts from the stored offset.
      this.#options.events.workCrashed(partition, error);
      return 'AGAIN';
    } finally {
      queue.close();
      queue.settled();
      entry.queue = null;
      if (!lost.signal.aborted) fetching.pause([partition]);
    }
  }
}
