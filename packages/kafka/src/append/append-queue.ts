/** A record that waits or is on its way. `T` is what the caller hangs on it. */
export interface Queued<T> {
  readonly partition: number;
  /** What it counts for, in bytes. */
  readonly bytes: number;
  /** On the caller's clock. Never earlier than that of a record taken in before. */
  readonly deadline: number;
  readonly item: T;
  /** To be sent alone: the send that it was part of was refused for one of its records. */
  alone: boolean;
  /** Answered: it takes part in nothing any more, even where its send is still on the way. */
  done: boolean;
}

export interface QueueLimits {
  /** All partitions together, waiting and on the way. */
  maxQueuedBytes: number;
  /** A larger record travels alone, by the `large` senders. */
  largeRecordBytes: number;
  maxSendBytes: number;
  maxSendRecords: number;
  maxPartitionBytes: number;
  maxPartitionRecords: number;
}

export type SendSize = 'small' | 'large';

/** The share of all bytes that the partitions of one broker may hold while there are others. */
const SHARE_OF_ONE_LEADER = 2 / 3;

interface PartitionQueue<T> {
  waiting: Queued<T>[];
  onTheWay: Queued<T>[];
  bytes: number;
}

/**
 * Which records may go now. Holds the rules of the append, and does no I/O:
 * - at most one send of a partition is on the way, since a later one that overtakes would break the order
 * - records of a partition go first in, first out; those of a failed send go again before all others
 * - every send, and everything together, is bounded in bytes and records
 * - one broker that is away cannot use up the room of the others
 */
export class AppendQueue<T> {
  readonly #limits: QueueLimits;
  readonly #partitions: PartitionQueue<T>[];
  #bytes = 0;
  #records = 0;
  #next = 0;

  constructor(partitions: number, limits: QueueLimits) {
    this.#limits = limits;
    this.#partitions = Array.from({ length: partitions }, () => ({ waiting: [], onTheWay: [], bytes: 0 }));
  }

  /** Bytes that wait or are on the way, without those answered already. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Records that wait or are on the way, without those answered already. */
  get records(): number {
    return this.#records;
  }

  /**
   * Takes a record in unless there is no room for it.
   *
   * @param sharers the partitions of the same leader, its own among them; all of them where there is one leader
   */
  offer(record: Queued<T>, sharers: readonly number[]): boolean {
    if (this.#bytes + record.bytes > this.#limits.maxQueuedBytes) return false;
    if (sharers.length < this.#partitions.length) {
      const held = sharers.reduce((sum, partition) => sum + this.#of(partition).bytes, 0);
      // The first record always fits, or a body of nearly the whole budget could never pass.
      if (held > 0 && held + record.bytes > this.#limits.maxQueuedBytes * SHARE_OF_ONE_LEADER) return false;
    }
    const queue = this.#of(record.partition);
    queue.waiting.push(record);
    queue.bytes += record.bytes;
    this.#bytes += record.bytes;
    this.#records++;
    return true;
  }

  /** The next send for a leader of these partitions, in order within each; empty when there is nothing to send. */
  take(partitions: readonly number[], size: SendSize): Queued<T>[] {
    const free = this.#rotated(partitions).filter((partition) => this.#canGo(partition, size));
    const single = free.find((partition) => size === 'large' || this.#of(partition).waiting[0]?.alone);
    const batch = single === undefined ? this.#fill(free) : this.#of(single).waiting.splice(0, 1);
    for (const record of batch) this.#of(record.partition).onTheWay.push(record);
    return batch;
  }

  /** The send is over and each of its records answered: its partitions are free again. */
  finish(batch: readonly Queued<T>[]): void {
    for (const record of batch) {
      this.#release(record);
      this.#of(record.partition).onTheWay = [];
    }
  }

  /** The send failed: what is not answered yet goes again, before all that came later. */
  putBack(batch: readonly Queued<T>[]): void {
    for (const partition of new Set(batch.map((record) => record.partition))) {
      const queue = this.#of(partition);
      queue.waiting.unshift(...queue.onTheWay.filter((record) => !record.done));
      queue.onTheWay = [];
    }
  }

  /** Takes out what is past its deadline, waiting or on the way, for its callers to be answered. */
  expire(now: number): Queued<T>[] {
    return this.#takeOut((record) => record.deadline <= now);
  }

  /** Takes out all of a partition, in its order. */
  clearPartition(partition: number): Queued<T>[] {
    return this.#takeOut((record) => record.partition === partition);
  }

  /** Takes out everything. */
  clear(): Queued<T>[] {
    return this.#takeOut(() => true);
  }

  /** When the next record expires, or undefined when there is none. */
  nextDeadline(): number | undefined {
    let earliest: number | undefined;
    for (const { waiting, onTheWay } of this.#partitions) {
      const first = onTheWay.find((record) => !record.done) ?? waiting[0];
      if (first !== undefined && !(earliest !== undefined && earliest <= first.deadline)) earliest = first.deadline;
    }
    return earliest;
  }

  #takeOut(which: (record: Queued<T>) => boolean): Queued<T>[] {
    const out = this.#partitions.flatMap((queue) => {
      const gone = [...queue.onTheWay, ...queue.waiting].filter((record) => !record.done && which(record));
      if (gone.length > 0) queue.waiting = queue.waiting.filter((record) => !which(record));
      return gone;
    });
    for (const record of out) this.#release(record);
    return out;
  }

  #release(record: Queued<T>): void {
    if (record.done) return;
    record.done = true;
    this.#of(record.partition).bytes -= record.bytes;
    this.#bytes -= record.bytes;
    this.#records--;
  }

  #canGo(partition: number, size: SendSize): boolean {
    const { waiting, onTheWay } = this.#of(partition);
    const first = waiting[0];
    return onTheWay.length === 0 && first !== undefined && this.#sizeOf(first) === size;
  }

  #sizeOf(record: Queued<T>): SendSize {
    return record.bytes > this.#limits.largeRecordBytes ? 'large' : 'small';
  }

  #fill(partitions: readonly number[]): Queued<T>[] {
    const limits = this.#limits;
    const batch: Queued<T>[] = [];
    let bytes = 0;
    for (const partition of partitions) {
      const { waiting } = this.#of(partition);
      let count = 0;
      let partitionBytes = 0;
      for (const record of waiting) {
        const sendIsFull = batch.length + count >= limits.maxSendRecords || bytes + record.bytes > limits.maxSendBytes;
        const shareIsFull =
          count >= limits.maxPartitionRecords || partitionBytes + record.bytes > limits.maxPartitionBytes;
        if (sendIsFull && batch.length + count > 0) break;
        if (count > 0 && (shareIsFull || this.#sizeOf(record) === 'large')) break;
        count++;
        partitionBytes += record.bytes;
        bytes += record.bytes;
      }
      batch.push(...waiting.splice(0, count));
    }
    return batch;
  }

  /** Begins one further each time, so that a full send does not always leave the same partitions behind. */
  #rotated(partitions: readonly number[]): number[] {
    const start = this.#next++ % Math.max(partitions.length, 1);
    return [...partitions.slice(start), ...partitions.slice(0, start)];
  }

  #of(partition: number): PartitionQueue<T> {
    const queue = this.#partitions[partition];
    if (queue === undefined) {
      throw new RangeError(`There is no partition ${partition}: the topic has ${this.#partitions.length}.`);
    }
    return queue;
  }
}
