/** A record of the log as it was read, not yet decoded. */
export interface ReadRecord {
  partition: number;
  offset: bigint;
  key: string | null;
  value: Buffer | null;
  /** The broker's append time, milliseconds since the Unix epoch. */
  time: number;
}

export interface QueueLimits {
  records: number;
  bytes: number;
}

/**
 * The bounded queue between Kafka's fetch loop and the worker of one partition: contiguous, first in first out.
 *
 * A batch that has arrived is always taken whole (leaving it would only fetch it again), so the bounds are passed by
 * one batch at most; `full` says that no more should be fetched until `drained`.
 */
export class PartitionQueue {
  readonly #limits: QueueLimits;
  readonly #onDrained: () => void;
  #records: ReadRecord[] = [];
  #bytes = 0;
  #next: bigint;
  #closed = false;
  #full = false;
  #wake: (() => void) | null = null;

  /**
   * @param next the offset that the first record must have
   * @param onDrained called when a queue that was full has fallen below half of its bounds
   */
  constructor(next: bigint, limits: QueueLimits, onDrained: () => void) {
    this.#next = next;
    this.#limits = limits;
    this.#onDrained = onDrained;
  }

  /** The offset at which a batch must begin to be accepted. */
  get next(): bigint {
    return this.#next;
  }

  get full(): boolean {
    return this.#full;
  }

  get size(): { records: number; bytes: number } {
    return { records: this.#records.length, bytes: this.#bytes };
  }

  /**
   * Takes a batch that continues the queue without a hole, or nothing: a batch from another place (a fetch from before
   * a seek, a log that was truncated) must not be queued, or offsets would advance over records that nobody saw.
   */
  push(batch: readonly ReadRecord[]): boolean {
    if (this.#closed || batch.length === 0) return false;
    if (batch.some((record, i) => record.offset !== this.#next + BigInt(i))) return false;
    for (const record of batch) this.#bytes += record.value?.length ?? 0;
    this.#records.push(...batch);
    this.#next += BigInt(batch.length);
    this.#full ||= this.#records.length >= this.#limits.records || this.#bytes >= this.#limits.bytes;
    this.#wake?.();
    return true;
  }

  /**
   * The next records in order: at least one, at most `limits`, waiting for the first. Empty once the queue is closed,
   * whatever it still holds: what has not been processed is read again by the next owner.
   */
  async take(limits: QueueLimits): Promise<ReadRecord[]> {
    while (this.#records.length === 0 && !this.#closed) {
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
    if (this.#full && this.#records.length * 2 <= this.#limits.records && this.#bytes * 2 <= this.#limits.bytes) {
      this.#full = false;
      this.#onDrained();
    }
    return taken;
  }

  /** Ends the queue: drops what it holds, and lets a waiting `take` go. */
  close(): void {
    this.#closed = true;
    this.#records = [];
    this.#bytes = 0;
    this.#wake?.();
  }
}
