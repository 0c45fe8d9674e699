import { createDueHeap } from './due-heap.ts';
import type { KeyQueue } from './key-queue.ts';
import { memoryOf } from './memory-of.ts';
import type { QueueRoom } from './queue-budget.ts';
import type { QueueEntry } from './queue-entry.ts';
import { createReadyKeys } from './ready-keys.ts';

export interface QueueSettings {
  /** Effects of one key that are kept at most; more are read when they are wanted. */
  entriesPerKey: number;
  room: QueueRoom;
}

/** Of a key no more than its first effect is kept where as much of the room is used: breadth goes before depth. */
const DEPTH = 1 / 2;
/** The part of the room that keys have which are due later; more are forgotten, and read anew when they are due. */
const LATER = 1 / 2;
/** Another page is read while no more of the room is used: not a few effects at a time. */
const FULL = 3 / 4;

/** Where to go on reading one key. */
export interface KeyCursor {
  orderingKey: string;
  queue: string;
  after: bigint;
}

/**
 * What is to be sent of one shard, and in which order: of each key and queue one after another, by position. Pure but for
 * its own memory, which is bounded; it is filled from the outbox, page by page, and never knows more than that has.
 */
export interface ShardQueue {
  /** Position up to which the whole shard was read. */
  after(): bigint;
  /** A page of the shard behind {@link after}, in the order of positions. */
  add(entries: readonly QueueEntry[], now: number): void;
  /** How many effects there is room for; 0: there is too little to be worth a look. */
  roomLeft(): number;
  /**
   * Keys that may be sent, but whose target takes nothing before a time that `closedUntil` tells, wait until then: so
   * that they do not keep others from being read. Null: it takes something.
   */
  setAside(now: number, closedUntil: (target: string) => number | null): void;
  /** The first effects of keys, up to `max`: their keys are busy until {@link done}, {@link putBack} or {@link recheck}. */
  take(now: number, max: number, reserve: (entry: QueueEntry) => boolean): QueueEntry[];
  /** It is settled, or dead. */
  done(entry: QueueEntry, now: number): void;
  /** It stays the first of its key, as `changed`. */
  putBack(entry: QueueEntry, changed: QueueEntry, now: number): void;
  /** Memory was wrong about its key: that is read anew. */
  recheck(entry: QueueEntry): void;
  hasUnread(): boolean;
  /** Keys that have to be read; each is given once until {@link refill}. */
  unread(max: number): KeyCursor[];
  /** What was read of a key behind its cursor; `hasMore`: there may be more behind that. */
  refill(cursor: KeyCursor, entries: readonly QueueEntry[], hasMore: boolean, now: number): void;
  /** Reading of keys has failed: they are unread again. */
  unreadAgain(cursors: readonly KeyCursor[]): void;
  /** When something is due that is not yet; infinite: nothing. */
  nextDueAt(): number;
  /** When the shard has to be read from its beginning, because something forgotten is due; infinite: never. */
  rereadAt(): number;
  /** The shard is read from its beginning. */
  reread(): void;
  size(): { keys: number; entries: number; ready: number };
  /** Its room is others' from now on; it may still be told how attempts have ended. */
  close(): void;
}

export function createShardQueue({ entriesPerKey, room }: QueueSettings): ShardQueue {
  const keys = new Map<string, KeyQueue>();
  const ready = createReadyKeys();
  const later = createDueHeap<{ key: KeyQueue; entry: QueueEntry }>();
  const empty = new Set<KeyQueue>();
  const waiting = { entries: 0, bytes: 0 };
  let after = 0n;
  let rereadAt = Number.POSITIVE_INFINITY;

  const find = ({ orderingKey, queue }: Pick<KeyCursor, 'orderingKey' | 'queue'>) => keys.get(idOf(orderingKey, queue));

  function drop(key: KeyQueue): void {
    keys.delete(idOf(key.orderingKey, key.queue));
    room.take({ entries: -key.held.entries, bytes: -key.held.bytes });
    key.held = { entries: 0, bytes: 0 };
  }

  /** Whenever a key or what is kept of it changes: what is not counted is not bounded. */
  function count(key: KeyQueue): void {
    const held = memoryOf(key);
    room.take({ entries: held.entries - key.held.entries, bytes: held.bytes - key.held.bytes });
    key.held = held;
  }

  function countWaiting(key: KeyQueue, sign: 1 | -1): void {
    waiting.entries += sign * key.held.entries;
    waiting.bytes += sign * key.held.bytes;
  }

  /** Puts a key where its first effect belongs. */
  function place(key: KeyQueue, now: number): void {
    count(key);
    const [first] = key.entries;
    if (!first) {
      if (!key.hasMore) return drop(key);
      key.state = 'empty';
      empty.add(key);
    } else if (first.dueAt <= now) {
      key.state = 'ready';
      ready.add(key);
    } else wait(key, first);
  }

  function wait(key: KeyQueue, first: QueueEntry): void {
    if (room.part(waiting) >= LATER) {
      rereadAt = Math.min(rereadAt, first.dueAt);
      return drop(key);
    }
    key.state = 'later';
    // Only the first counts before it is due: what is behind it would only take memory.
    key.hasMore ||= key.entries.length > 1;
    key.entries.length = 1;
    key.last = first.position;
    count(key);
    countWaiting(key, 1);
    later.add(first.dueAt, { key, entry: first });
  }

  /** Behind what the key has: kept if there is room, else read again later. */
  function append(key: KeyQueue, entry: QueueEntry): void {
    const isFull = key.entries.length >= entriesPerKey || (key.entries.length > 0 && room.used() >= DEPTH);
    if (key.hasMore || key.state === 'later' || isFull) {
      key.hasMore = true;
      return;
    }
    key.entries.push(entry);
    key.last = entry.position;
    count(key);
  }

  function addOne(entry: QueueEntry, now: number): void {
    const known = find(entry);
    if (known?.state === 'reading') known.hasMissed = true;
    else if (known && entry.position > known.last) append(known, entry);
    if (known) return;
    const { orderingKey, queue, position } = entry;
    const key: KeyQueue = {
      orderingKey,
      queue,
      entries: [entry],
      last: position,
      hasMore: false,
      state: 'empty',
      hasMissed: false,
      held: { entries: 0, bytes: 0 },
    };
    keys.set(idOf(orderingKey, queue), key);
    place(key, now);
  }

  function wake(now: number): void {
    for (let due = later.takeDue(now); due; due = later.takeDue(now)) {
      // The key may have gone on since, by another effect than the one that was waited for.
      const { key, entry } = due;
      if (key.state !== 'later' || key.entries[0] !== entry || find(key) !== key) continue;
      countWaiting(key, -1);
      place(key, now);
    }
  }

  function busy(entry: QueueEntry): KeyQueue {
    const key = find(entry);
    if (key?.state !== 'busy' || key.entries[0]?.effectId !== entry.effectId) {
      throw new Error(`The effect ${entry.effectId} is not being sent.`);
    }
    return key;
  }

  return {
    after: () => after,
    add(entries, now) {
      for (const entry of entries) {
        addOne(entry, now);
        after = entry.position;
      }
    },
    roomLeft: () => (keys.size === 0 || room.used() <= FULL ? Math.max(1, room.entriesLeft()) : 0),
    setAside(now, closedUntil) {
      for (const key of ready.closed((target) => (closedUntil(target) ?? now) > now)) {
        const [first] = key.entries as [QueueEntry];
        key.entries[0] = { ...first, dueAt: closedUntil(first.target as string) as number };
        place(key, now);
      }
    },
    take(now, max, reserve) {
      wake(now);
      const taken = ready.take(max, (key) => reserve(key.entries[0] as QueueEntry));
      return taken.map((key) => {
        key.state = 'busy';
        return key.entries[0] as QueueEntry;
      });
    },
    done(entry, now) {
      const key = busy(entry);
      key.entries.shift();
      place(key, now);
    },
    putBack(entry, changed, now) {
      const key = busy(entry);
      key.entries[0] = changed;
      place(key, now);
    },
    recheck(entry) {
      const key = busy(entry);
      key.entries = [];
      key.last = 0n;
      key.hasMore = true;
      key.state = 'empty';
      empty.add(key);
      count(key);
    },
    hasUnread: () => empty.size > 0,
    unread(max) {
      const cursors: KeyCursor[] = [];
      for (const key of empty) {
        if (cursors.length >= max) break;
        empty.delete(key);
        key.state = 'reading';
        key.hasMissed = false;
        cursors.push({ orderingKey: key.orderingKey, queue: key.queue, after: key.last });
      }
      return cursors;
    },
    refill(cursor, entries, hasMore, now) {
      const key = find(cursor);
      if (key?.state !== 'reading') return;
      key.hasMore = false;
      key.state = 'empty';
      for (const entry of entries) append(key, entry);
      // What was written after it was read, and met as a part of the whole shard meanwhile.
      key.hasMore ||= hasMore || key.hasMissed;
      place(key, now);
    },
    unreadAgain(cursors) {
      for (const cursor of cursors) {
        const key = find(cursor);
        if (key?.state !== 'reading') continue;
        key.state = 'empty';
        empty.add(key);
      }
    },
    nextDueAt: () => later.nextDueAt(),
    rereadAt: () => rereadAt,
    reread() {
      after = 0n;
      rereadAt = Number.POSITIVE_INFINITY;
    },
    size() {
      let entries = 0;
      for (const key of keys.values()) entries += key.entries.length;
      return { keys: keys.size, entries, ready: ready.size() };
    },
    close: room.close,
  };
}

/** With a length before it: otherwise texts could be cut elsewhere, and be the same. */
function idOf(orderingKey: string, queue: string): string {
  return `${queue.length}:${queue}${orderingKey}`;
}
