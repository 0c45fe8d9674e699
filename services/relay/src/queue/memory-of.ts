import type { KeyQueue } from './key-queue.ts';
import type { QueueLimits } from './queue-budget.ts';

/** Measured: objects and their places in collections, without texts. */
const KEY_BYTES = 300;
const ENTRY_BYTES = 300;

/** What a key takes of memory with the effects that are kept of it. */
export function memoryOf({ orderingKey, queue, entries }: KeyQueue): QueueLimits {
  const names = 2 * (orderingKey.length + queue.length);
  let bytes = KEY_BYTES + names;
  // Each was read by itself, with names of its own.
  for (const { effectId, kind, target } of entries) {
    bytes += ENTRY_BYTES + names + effectId.length + kind.length + 2 * (target?.length ?? 0);
  }
  return { entries: Math.max(1, entries.length), bytes };
}
