import type { QueueLimits } from './queue-budget.ts';
import type { QueueEntry } from './queue-entry.ts';

/** What memory has of the effects of one ordering key and queue: the first ones. */
export interface KeyQueue {
  orderingKey: string;
  queue: string;
  /** In the order of positions. */
  entries: QueueEntry[];
  /** Position of the last one that was put here, also if it is gone by now. */
  last: bigint;
  /** Behind the last there may be others, which have to be read. */
  hasMore: boolean;
  /**
   * `ready`: the first may be sent. `busy`: the first is claimed. `later`: the first is due later. `empty`: nothing is
   * here, and there may be more to read. `reading`: that is being read.
   */
  state: 'ready' | 'busy' | 'later' | 'empty' | 'reading';
  /** While it was being read, more has come. */
  hasMissed: boolean;
  /** What it has of the room. */
  held: QueueLimits;
}
