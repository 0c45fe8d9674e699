/** What the queues of a process may keep in memory, all together. */
export interface QueueLimits {
  /** Effects; a key of which none is kept counts as one. */
  entries: number;
  /** Bytes of memory, by estimate. */
  bytes: number;
}

/** What one queue has of the budget. */
export interface QueueRoom {
  /** Takes room, or gives it back where numbers are below zero. */
  take(taken: QueueLimits): void;
  /** Entries that still fit; below zero when the share has shrunk. */
  entriesLeft(): number;
  /** What of the share is used, by entries or by bytes, whichever is more; above 1 when it has shrunk. */
  used(): number;
  /** What of the share an amount is, in the same way. */
  part(of: QueueLimits): number;
  /** The queue is gone: the others share what it had. */
  close(): void;
}

/** Room in memory that the queues of a process share evenly, so that none starves however full the others are. */
export interface QueueBudget {
  open(): QueueRoom;
}

/** However many queues there are: less would not keep one going. */
const LEAST_ENTRIES = 4;

/** No more than the limits in all, as long as each of the queues can have {@link LEAST_ENTRIES}. */
export function createQueueBudget({ entries, bytes }: QueueLimits): QueueBudget {
  let queues = 0;
  return {
    open() {
      queues += 1;
      const held: QueueLimits = { entries: 0, bytes: 0 };
      let isOpen = true;
      const shareOfEntries = () => Math.max(LEAST_ENTRIES, Math.floor(entries / Math.max(1, queues)));
      const part = (of: QueueLimits) =>
        Math.max(of.entries / shareOfEntries(), (of.bytes * Math.max(1, queues)) / bytes);
      return {
        take(taken) {
          held.entries += taken.entries;
          held.bytes += taken.bytes;
        },
        entriesLeft: () => shareOfEntries() - held.entries,
        used: () => part(held),
        part,
        close() {
          if (isOpen) queues -= 1;
          isOpen = false;
        },
      };
    },
  };
}
