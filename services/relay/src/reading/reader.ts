import { readOutboxPage, readQueues, type Database, type QueuedEffect } from '@hookline/database';
import type { Clock } from '@hookline/runtime';
import type { KindRegistry } from '../kinds/kind-registry.ts';
import { targetOfEffect } from '../kinds/target-of-effect.ts';
import type { HeldShard, HeldShards } from '../leases/held-shards.ts';
import type { QueueEntry } from '../queue/queue-entry.ts';
import type { KeyCursor } from '../queue/shard-queue.ts';
import type { Targets } from '../sending/targets.ts';

export interface ReaderSettings {
  database: Database;
  clock: Clock;
  held: HeldShards;
  kinds: KindRegistry;
  targets: Pick<Targets, 'closedUntil'>;
  /** Milliseconds behind an attempt's end before it is looked into. */
  marginMs: number;
  /** Effects that are read at once, of all shards together. */
  pageSize: number;
  /** Effects of a key that are read at once. */
  keyPageSize: number;
}

/** Keys that one statement reads. */
const KEYS_AT_ONCE = 64;
/** However many shards there are: a page of each that is worth its look. */
const LEAST_PAGE = 4;

/** Fills the queues of the shards from the outbox. */
export interface Reader {
  /** Looks for what is new in all shards that have room; resolves to whether there is more to read at once. */
  tick(): Promise<boolean>;
}

export function createReader(settings: ReaderSettings): Reader {
  const { database, clock, held, kinds, targets, marginMs, pageSize, keyPageSize } = settings;

  function toEntry(effect: QueuedEffect, now: number): QueueEntry {
    return {
      effectId: effect.effectId,
      position: effect.position,
      orderingKey: effect.orderingKey,
      queue: effect.queue,
      kind: effect.kind,
      target: targetOf(effect),
      bytes: effect.bytes,
      dueAt: effect.dueInMs === 0 && !effect.isSending ? now : now + effect.dueInMs + (effect.isSending ? marginMs : 0),
      isAmbiguous: effect.isSending,
    };
  }

  function targetOf(effect: QueuedEffect): string | null {
    const kind = kinds.find(effect.kind);
    if (!kind || effect.request === null) return null;
    return targetOfEffect(kind, { ...effect, headers: null, body: null, traceparent: null });
  }

  /** Shards of which more is to be read, and how much of each there is room for. */
  function withRoom(now: number): { one: HeldShard; room: number }[] {
    return held.open().flatMap((one) => {
      const { queue } = one;
      if (queue.rereadAt() <= now) queue.reread();
      if (queue.roomLeft() === 0) queue.setAside(now, (target) => targets.closedUntil(target, now));
      const room = queue.roomLeft();
      return room === 0 ? [] : [{ one, room }];
    });
  }

  async function readShards(): Promise<boolean> {
    const open = withRoom(clock.monotonic());
    const share = Math.max(LEAST_PAGE, Math.floor(pageSize / Math.max(1, open.length)));
    const cursors = open.map(({ one: { shard, queue }, room }) => ({
      place: shard,
      after: queue.after(),
      limit: Math.min(share, room),
    }));
    const pages = await readOutboxPage(database, cursors);
    const readAt = clock.monotonic();
    let isMore = false;
    for (const [n, page] of pages.entries()) {
      const { one } = open[n] as (typeof open)[number];
      one.queue.add(
        page.map((effect) => toEntry(effect, readAt)),
        readAt,
      );
      one.isRead = page.length < (cursors[n] as (typeof cursors)[number]).limit;
      isMore ||= !one.isRead && one.queue.roomLeft() > 0;
    }
    return isMore;
  }

  async function readKeys(): Promise<boolean> {
    const wanted: { one: HeldShard; cursor: KeyCursor }[] = [];
    for (const one of held.open()) {
      for (const cursor of one.queue.unread(KEYS_AT_ONCE - wanted.length)) wanted.push({ one, cursor });
    }
    if (wanted.length === 0) return false;
    let pages: QueuedEffect[][];
    try {
      pages = await readQueues(
        database,
        wanted.map(({ one, cursor }) => ({ place: one.shard, ...cursor })),
        keyPageSize,
      );
    } catch (error) {
      for (const { one, cursor } of wanted) one.queue.unreadAgain([cursor]);
      throw error;
    }
    const now = clock.monotonic();
    for (const [n, page] of pages.entries()) {
      const { one, cursor } = wanted[n] as (typeof wanted)[number];
      const entries = page.map((effect) => toEntry(effect, now));
      one.queue.refill(cursor, entries, page.length === keyPageSize, now);
    }
    return wanted.length === KEYS_AT_ONCE;
  }

  return {
    async tick() {
      const moreKeys = await readKeys();
      const moreEffects = await readShards();
      return moreKeys || moreEffects;
    },
  };
}
