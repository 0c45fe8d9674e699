import { isFull, mayFillAgain, type QueueBudget, type QueueLimits } from './queue-budget.ts';

/** A record of the log as it was read, not yet decoded. */
export interface ReadRecord {
  partition: number;
  offset: bigint;
  key: Buffer | null;
  value: Buffer | null;
  /** The broker's append time, milliseconds since the Unix epoch. */
  time: number;
  /** The record's header of that name, as whoever wrote it says. */
  traceparent?: string | undefined;
}

const NOTHING: QueueLimits = { records: 0, bytes: 0 };

/** A place where the log does not go on where its last record ended. */
export interface Discontinuity {
  expected: bigint;
  found: bigint;
}

/**
 * The bounded queue between Kafka's fetch loop and the worker of one partition: contiguous, first in first out.
 *
 * A batch that has arrived is always taken whole (leaving it would only fetch it again), so the bounds are passed by
 * one batch at most; `full` says that no more should be fetched until `drained`. What was taken last counts against
 * the common budget until the next is asked for: the bytes are still in memory.
 */
export class PartitionQueue {
  readonly #limits: QueueLimits;
  readonly #budget: QueueBudget;
  readonly #onDrained: () => void;
  #records: ReadRecord[] = [];
  #bytes = 0;
  #taken: QueueLimits = NOTHING;
  #next: bigint;
  #closed = false;
  #discontinuity: Discontinuity | null = null;
  #full = false;
  #wake: (() => void) | null = null;

  /**
   * @param next the offset that the first record must have
   * @param onDrained called when a queue that was full has fallen to half of its bounds, or of what is free for all
   */
  constructor(next: bigint, limits: QueueLimits, budget: QueueBudget, onDrained: () => void) {
    this.#next = next;
    this.#limits = limits;
    this.#budget = budget;
    this.#onDrained = onDrained;
  }

  /** Why nothing comes behind what the queue still holds; null: something may. */
  get discontinuity(): Discontinuity | null {
    return this.#discontinuity;
  }

  /** The offset at which a batch must begin to be accepted. */
  get next(): bigint {
    return this.#next;
  }

  get full(): boolean {
    return this.#full;
  }

  /** Nothing is taken or given out any more: what is fetched now is for the next owner to read. */
  get closed(): boolean {
    return this.#closed;
  }

  get size(): QueueLimits {
    return { records: this.#records.length, bytes: this.#bytes };
  }

  /**
   * Takes a batch that continues the queue without a hole, or nothing: a batch from another place (a fetch from before
   * a seek, a log that was truncated) must not be queued, or offsets would advance over records that nobody saw.
   */
  push(batch: readonly ReadRecord[]): boolean {
    if (this.#closed || this.#discontinuity || batch.length === 0) return false;
    if (this.#continuing(batch) !== batch.length) return false;
    const bytes = batch.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    for (const record of batch) this.#records.push(record);
    this.#bytes += bytes;
    this.#next += BigInt(batch.length);
    this.#budget.take({ records: batch.length, bytes });
    if (!this.#full && isFull(this.size, this.#limits, this.#budget.free)) {
      this.#full = true;
      this.#budget.wait(this);
    }
    this.#wake?.();
    return true;
  }

  /**
   * Ends the queue where the log does not go on: behind those records of the batch that do continue it. What it holds
   * can still be taken.
   *
   * @param batch one that `push` refuses, not empty
   */
  discontinue(batch: readonly ReadRecord[]): void {
    const continuing = this.#continuing(batch);
    this.push(batch.slice(0, continuing));
    this.#discontinuity ??= { expected: this.#next, found: (batch[continuing] as ReadRecord).offset };
    this.#wake?.();
  }

  /** How many records of the batch, from its first, continue the queue without a hole. */
  #continuing(batch: readonly ReadRecord[]): number {
    const hole = batch.findIndex((record, i) => record.offset !== this.#next + BigInt(i));
    return hole < 0 ? batch.length : hole;
  }

  /**
   * The next records in order: at least one, at most `limits`, waiting for the first. Empty once the queue is closed,
   * whatever it still holds: what has not been processed is read again by the next owner. Empty, too, behind the last
   * record before a discontinuity.
   */
  async take(limits: QueueLimits): Promise<ReadRecord[]> {
    this.#release();
    while (this.#records.length === 0 && !this.#closed && !this.#discontinuity) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = null;
    }
    if (this.#closed) return [];
    let count = 0;
    let bytes = 0;
    for (const record of this.#records) {
      const size = record.value?.length ?? 0;
      if (count > 0 && (count >= limits.records || bytes + size > limits.bytes)) break;
      count += 1;
      bytes += size;
    }
    const taken = this.#records.splice(0, count);
    this.#bytes -= bytes;
    this.#taken = { records: count, bytes };
    this.reconsider();
    return taken;
  }

  /** Lets a full queue go on where there is room again, its own or of all. */
  reconsider(): void {
    if (!this.#full || !mayFillAgain(this.size, this.#limits, this.#budget.free)) return;
    this.#full = false;
    this.#budget.leave(this);
    this.#onDrained();
  }

  /** Ends the queue: drops what it holds, and lets a waiting `take` go. What was taken counts until `settled`. */
  close(): void {
    this.#closed = true;
    this.#budget.leave(this);
    const dropped = this.size;
    this.#records = [];
    this.#bytes = 0;
    this.#budget.giveBack(dropped);
    this.#wake?.();
  }

  /** What was taken last is no longer held, and nothing more will be asked for. */
  settled(): void {
    this.#release();
  }

  #release(): void {
    const taken = this.#taken;
    this.#taken = NOTHING;
    this.#budget.giveBack(taken);
  }
}
