/** A number of records and of bytes of their values: what is held, or what may be. */
export interface QueueLimits {
  records: number;
  bytes: number;
}

/** A full queue, told whenever room has become free. */
interface WaitingQueue {
  reconsider(): void;
}

/**
 * The room that the queues of all partitions share. A queue may grow while it holds less than what is free: the
 * largest ones stop first, what is left is always shared by those that hold less, and one busy partition gets half of
 * it at most. An empty queue may always take one batch, so that no partition starves behind others that are stuck.
 * The room is therefore passed by at most one batch of each partition.
 */
export class QueueBudget {
  readonly #limits: QueueLimits;
  readonly #waiting = new Set<WaitingQueue>();
  #records = 0;
  #bytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Below zero where single batches have passed the limits. */
  get free(): QueueLimits {
    return { records: this.#limits.records - this.#records, bytes: this.#limits.bytes - this.#bytes };
  }

  take({ records, bytes }: QueueLimits): void {
    this.#records += records;
    this.#bytes += bytes;
  }

  /** Gives room back, and lets every full queue look whether it may go on. */
  giveBack({ records, bytes }: QueueLimits): void {
    this.#records -= records;
    this.#bytes -= bytes;
    for (const queue of this.#waiting) queue.reconsider();
  }

  wait(queue: WaitingQueue): void {
    this.#waiting.add(queue);
  }

  leave(queue: WaitingQueue): void {
    this.#waiting.delete(queue);
  }
}

/** Whether a queue that holds something takes no more: at a limit of its own, or at what is free for all. */
export function isFull(held: QueueLimits, own: QueueLimits, free: QueueLimits): boolean {
  return held.records >= Math.min(own.records, free.records) || held.bytes >= Math.min(own.bytes, free.bytes);
}

/** Whether a full queue may be filled again: at half of what made it full, so that it is not paused for each batch. */
export function mayFillAgain(held: QueueLimits, own: QueueLimits, free: QueueLimits): boolean {
  if (held.records === 0) return true;
  return held.records * 2 <= Math.min(own.records, free.records) && held.bytes * 2 <= Math.min(own.bytes, free.bytes);
}
