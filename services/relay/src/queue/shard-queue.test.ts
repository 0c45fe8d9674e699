import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createQueueBudget, type QueueLimits } from './queue-budget.ts';
import type { QueueEntry } from './queue-entry.ts';
import { createShardQueue, type KeyCursor, type ShardQueue } from './shard-queue.ts';

/** The outbox of one shard, as simply as it can be said, and a relay that works by a queue in memory. */
class Model {
  now = 0;
  /** What memory took for the first of its queue, and was not. */
  refused = 0;
  readonly sent: QueueEntry[] = [];
  /** In the order of positions. */
  private rows: QueueEntry[] = [];
  private readonly busy: QueueEntry[] = [];
  private position = 0n;
  private readonly queue: ShardQueue;
  private readonly limits: QueueLimits;
  private readonly entriesPerKey: number;

  constructor({ entriesPerKey, ...limits }: QueueLimits & { entriesPerKey: number }) {
    this.limits = limits;
    this.entriesPerKey = entriesPerKey;
    this.queue = createShardQueue({ entriesPerKey, room: createQueueBudget(limits).open() });
  }

  write(key: number, queue: number, dueIn: number, target: number): void {
    this.position += 1n;
    this.rows.push({
      effectId: `${this.position}`,
      position: this.position,
      orderingKey: `${key}`,
      queue: queue === 0 ? '' : `${queue}`,
      kind: 'k',
      target: target === 0 ? null : `${target}`,
      bytes: 1,
      dueAt: this.now + dueIn,
      isAmbiguous: false,
    });
  }

  readShard(size: number): number {
    if (this.queue.rereadAt() <= this.now) this.queue.reread();
    if (this.queue.roomLeft() === 0) return 0;
    const limit = Math.min(size, this.queue.roomLeft());
    const page = this.rows.filter(({ position }) => position > this.queue.after()).slice(0, limit);
    this.queue.add(
      page.map((row) => ({ ...row })),
      this.now,
    );
    return page.length;
  }

  readKeys(size: number, betweenReads?: (cursor: KeyCursor) => void): number {
    const cursors = this.queue.unread(3);
    const pages = cursors.map((cursor) =>
      this.rows
        .filter((row) => row.orderingKey === cursor.orderingKey && row.queue === cursor.queue)
        .filter(({ position }) => position > cursor.after)
        .slice(0, size),
    );
    for (const cursor of cursors) betweenReads?.(cursor);
    for (const [n, cursor] of cursors.entries()) {
      const page = pages[n] as QueueEntry[];
      this.queue.refill(
        cursor,
        page.map((row) => ({ ...row })),
        page.length === size,
        this.now,
      );
    }
    return cursors.length;
  }

  /** Claims as the database does: what is not there, and what is not the first of its queue, is refused. */
  take(max: number, closed: string | null): number {
    const taken = this.queue.take(this.now, max, ({ target }) => target === null || target !== closed);
    for (const entry of taken) {
      expect(entry.target === null || entry.target !== closed).toBe(true);
      expect(this.busy.some((one) => isSameQueue(one, entry))).toBe(false);
      const first = this.rows.find((row) => isSameQueue(row, entry));
      if (first?.effectId === entry.effectId) this.busy.push(entry);
      else {
        this.refused += 1;
        this.queue.recheck(entry);
      }
    }
    return taken.length;
  }

  end(n: number, failsFor: number | null): void {
    const [entry] = this.busy.splice(n % Math.max(1, this.busy.length), 1);
    if (!entry) return;
    const row = this.rows.find(({ effectId }) => effectId === entry.effectId) as QueueEntry;
    if (failsFor !== null) {
      row.dueAt = this.now + failsFor;
      return this.queue.putBack(entry, { ...entry, dueAt: row.dueAt }, this.now);
    }
    this.rows = this.rows.filter((one) => one !== row);
    this.sent.push(row);
    this.queue.done(entry, this.now);
  }

  setAside(closed: string | null): void {
    this.queue.setAside(this.now, (target) => (target === closed ? this.now + 7 : null));
  }

  checkBounds(): void {
    const { keys, entries } = this.queue.size();
    // A key of which nothing is kept is kept itself.
    expect(Math.max(keys, entries)).toBeLessThanOrEqual(this.limits.entries);
    expect(entries).toBeLessThanOrEqual(keys * this.entriesPerKey);
  }

  /** With nothing failing any more, everything goes out. */
  drain(pageSize: number): void {
    for (let turns = 0; this.rows.length > 0; turns++) {
      if (turns > 2000) throw new Error(`${this.rows.length} effects were never sent.`);
      const read = this.readShard(pageSize) + this.readKeys(pageSize);
      const taken = this.take(5, null);
      while (this.busy.length > 0) this.end(0, null);
      const nextAt = Math.min(this.queue.nextDueAt(), this.queue.rereadAt());
      if (read + taken === 0) this.now = Number.isFinite(nextAt) ? Math.max(this.now + 1, nextAt) : this.now + 1;
    }
  }
}

const isSameQueue = (one: QueueEntry, other: QueueEntry) =>
  one.orderingKey === other.orderingKey && one.queue === other.queue;

const step = fc.oneof(
  fc.record({
    do: fc.constant('write' as const),
    key: fc.nat(3),
    queue: fc.constantFrom(0, 0, 0, 1),
    due: fc.constantFrom(0, 0, 0, 3, 30),
    target: fc.nat(2),
  }),
  fc.record({ do: fc.constant('readShard' as const) }),
  fc.record({ do: fc.constant('readKeys' as const), meanwhile: fc.boolean() }),
  fc.record({
    do: fc.constant('take' as const),
    max: fc.integer({ min: 1, max: 4 }),
    closed: fc.constantFrom(null, '1', '2'),
  }),
  fc.record({ do: fc.constant('setAside' as const), closed: fc.constantFrom('1', '2') }),
  fc.record({ do: fc.constant('end' as const), n: fc.nat(9), fails: fc.constantFrom(null, null, 1, 20) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat(10) }),
);

/** What a relay does all the time, so that steps come far. */
const turn = fc.constantFrom(
  { do: 'readShard' as const },
  { do: 'readKeys' as const, meanwhile: true },
  { do: 'take' as const, max: 4, closed: null },
  { do: 'end' as const, n: 0, fails: null },
  { do: 'end' as const, n: 0, fails: 1 },
);

const boundsOf = fc.record({
  entriesPerKey: fc.integer({ min: 1, max: 4 }),
  entries: fc.constantFrom(4, 6, 10, 1000),
  bytes: fc.constantFrom(1500, 5000, 1_000_000),
});

describe('the queue of a shard', () => {
  // Whatever is written, read, dropped, forgotten, refused and put back: each effect goes out once, those of a queue in the
  // order of their positions, and memory stays bounded.
  it('gives each effect once, in the order of its queue, within its bounds', () => {
    fc.assert(
      fc.property(
        boundsOf,
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.oneof({ weight: 1, arbitrary: step }, { weight: 1, arbitrary: turn }), {
          maxLength: 150,
          size: 'max',
        }),
        (bounds, size, steps) => {
          const model = new Model(bounds);
          let written = 0;
          for (const one of steps) {
            if (one.do === 'write') written += 1;
            if (one.do === 'write') model.write(one.key, one.queue, one.due, one.target);
            if (one.do === 'readShard') model.readShard(size);
            if (one.do === 'readKeys') {
              model.readKeys(size, () => {
                // What commits behind a key's page, and is met as a part of the shard, before that page is looked at.
                if (!one.meanwhile) return;
                written += 1;
                model.write(1, 0, 0, 0);
                while (model.readShard(size) > 0);
              });
            }
            if (one.do === 'take') model.take(one.max, one.closed);
            if (one.do === 'end') model.end(one.n, one.fails);
            if (one.do === 'wait') model.now += one.ms;
            if (one.do === 'setAside') model.setAside(one.closed);
            model.checkBounds();
          }
          model.drain(size);
          expect(model.sent).toHaveLength(written);
          // Where no key had to be forgotten, memory was never wrong.
          if (bounds.entries === 1000 && bounds.bytes === 1_000_000) expect(model.refused).toBe(0);
          for (const [n, entry] of model.sent.entries()) {
            const before = model.sent.slice(0, n).filter((earlier) => isSameQueue(earlier, entry));
            expect(before.every(({ position }) => position < entry.position)).toBe(true);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  const entry = (n: number, given: Partial<QueueEntry> = {}): QueueEntry => ({
    effectId: `${n}`,
    position: BigInt(n),
    orderingKey: 'a',
    queue: '',
    kind: 'k',
    target: 'one',
    bytes: 1,
    dueAt: 0,
    isAmbiguous: false,
    ...given,
  });
  const ids = (entries: readonly QueueEntry[]) => entries.map(({ effectId }) => effectId);
  const queueOf = (limits: Partial<QueueLimits> = {}) =>
    createShardQueue({
      entriesPerKey: 2,
      room: createQueueBudget({ entries: 100, bytes: 1_000_000, ...limits }).open(),
    });
  const all = () => true;

  it('does not hold up others behind a key that waits, is busy, or has a target that takes nothing', () => {
    const queue = queueOf();
    queue.add(
      [
        entry(1, { dueAt: 100 }),
        entry(2),
        entry(3, { orderingKey: 'b', target: 'full' }),
        entry(4, { orderingKey: 'c' }),
        entry(5, { orderingKey: 'c' }),
        entry(6, { orderingKey: 'a', queue: 'slow' }),
      ],
      0,
    );
    const take = (now: number) => ids(queue.take(now, 9, ({ target }) => target !== 'full'));
    expect(take(0)).toEqual(['4', '6']);
    expect(take(0)).toEqual([]);
    expect(queue.nextDueAt()).toBe(100);
    expect(take(100)).toEqual(['1']);
    queue.done(entry(4, { orderingKey: 'c' }), 100);
    expect(ids(queue.take(100, 9, all))).toEqual(expect.arrayContaining(['3', '5']));
  });

  it('takes in turns of targets, so that one with many keys does not have all places', () => {
    const queue = queueOf();
    const keys = Array.from({ length: 6 }, (_, n) =>
      entry(n + 1, { orderingKey: `k${n}`, target: n < 4 ? 'many' : `few${n}` }),
    );
    queue.add(keys, 0);
    expect(ids(queue.take(0, 3, all))).toEqual(['1', '5', '6']);
  });

  it('reads a key on when what it kept is gone, from where it had come to', () => {
    const queue = queueOf();
    queue.add([entry(1), entry(2), entry(3), entry(4)], 0);
    expect(queue.size()).toEqual({ keys: 1, entries: 2, ready: 1 });
    expect(queue.hasUnread()).toBe(false);
    for (const n of [1, 2]) {
      expect(ids(queue.take(0, 9, all))).toEqual([`${n}`]);
      queue.done(entry(n), 0);
    }
    expect(queue.hasUnread()).toBe(true);
    const cursor = { orderingKey: 'a', queue: '', after: 2n };
    expect(queue.unread(9)).toEqual([cursor]);
    expect(queue.unread(9)).toEqual([]);
    queue.unreadAgain([cursor]);
    expect(queue.unread(9)).toEqual([cursor]);
    queue.refill(cursor, [entry(3), entry(4)], false, 0);
    expect(ids(queue.take(0, 9, all))).toEqual(['3']);
  });

  // A target that is away for long must not have all of its keys remembered: they are read again when the first is due.
  it('forgets keys that are due later, above its bound, and reads the shard again for them', () => {
    const queue = queueOf({ entries: 6 });
    const later = Array.from({ length: 9 }, (_, n) => entry(n + 1, { orderingKey: `k${n}`, dueAt: 50 + n }));
    queue.add(later, 0);
    expect(queue.size()).toEqual({ keys: 3, entries: 3, ready: 0 });
    expect([queue.nextDueAt(), queue.rereadAt()]).toEqual([50, 53]);
    queue.add([entry(10, { orderingKey: 'now' })], 0);
    expect(ids(queue.take(0, 9, all))).toEqual(['10']);
    queue.putBack(entry(10, { orderingKey: 'now' }), entry(10, { orderingKey: 'now', dueAt: 20 }), 0);
    expect([queue.size().keys, queue.rereadAt()]).toEqual([3, 20]);
    queue.reread();
    expect([queue.after(), queue.rereadAt()]).toEqual([0n, Number.POSITIVE_INFINITY]);
  });

  it('remembers as many keys again when those that it had remembered are due', () => {
    const queue = queueOf({ entries: 6 });
    for (const [round, dueAt] of [10, 20, 30].entries()) {
      const keys = Array.from({ length: 3 }, (_, n) => entry(n + 1, { orderingKey: `${round} ${n}`, dueAt }));
      queue.add(keys, dueAt - 10);
      expect([queue.nextDueAt(), queue.rereadAt()]).toEqual([dueAt, Number.POSITIVE_INFINITY]);
      for (const taken of queue.take(dueAt, 9, all)) queue.done(taken, dueAt);
    }
  });

  // What keeps the queue full must not be what cannot be sent.
  it('sets aside what waits for a target that takes nothing, so that others are read', () => {
    const queue = queueOf({ entries: 8 });
    const stuck = Array.from({ length: 8 }, (_, n) => entry(n + 1, { orderingKey: `k${n}`, target: 'stuck' }));
    queue.add(stuck, 0);
    expect([queue.take(0, 9, () => false), queue.roomLeft()]).toEqual([[], 0]);
    queue.setAside(0, () => null);
    expect(queue.roomLeft()).toBe(0);
    queue.setAside(0, (target) => (target === 'stuck' ? 60 : null));
    expect([queue.roomLeft(), queue.nextDueAt(), queue.rereadAt()]).toEqual([4, 60, 60]);
    queue.add([entry(9, { orderingKey: 'other', target: 'works' })], 0);
    expect(ids(queue.take(0, 9, all))).toEqual(['9']);
    expect(ids(queue.take(60, 9, all)).toSorted()).toEqual(['1', '2', '3', '4']);
  });

  it('keeps first effects of many keys rather than many of a few', () => {
    const queue = queueOf({ entries: 8 });
    queue.add([entry(1), entry(2)], 0);
    queue.add([entry(3, { orderingKey: 'b' }), entry(4, { orderingKey: 'b' })], 0);
    queue.add([entry(5, { orderingKey: 'c' }), entry(6, { orderingKey: 'c' })], 0);
    expect(queue.size()).toEqual({ keys: 3, entries: 5, ready: 3 });
    expect([queue.after(), queue.roomLeft()]).toEqual([6n, 3]);
  });

  it('is full by bytes, too', () => {
    const queue = queueOf({ bytes: 4000 });
    const long = 'x'.repeat(500);
    expect(queue.roomLeft()).toBe(100);
    queue.add([entry(1, { orderingKey: `a${long}` })], 0);
    expect(queue.roomLeft()).toBe(99);
    queue.add([entry(2, { orderingKey: `b${long}` })], 0);
    expect(queue.roomLeft()).toBe(0);
  });

  it('refuses to end what is not being sent', () => {
    const queue = queueOf();
    queue.add([entry(1), entry(2)], 0);
    expect(() => queue.done(entry(1), 0)).toThrow('The effect 1 is not being sent.');
    queue.take(0, 1, all);
    expect(() => queue.putBack(entry(2), entry(2), 0)).toThrow('The effect 2 is not being sent.');
    expect(() => queue.recheck(entry(2))).toThrow('The effect 2 is not being sent.');
  });

  it('tells keys and queues apart, whatever they are called', () => {
    const queue = queueOf();
    queue.add(
      [entry(1, { orderingKey: 'a', queue: 'b' }), entry(2, { orderingKey: 'ba' }), entry(3, { orderingKey: '1:ba' })],
      0,
    );
    expect(ids(queue.take(0, 9, all))).toEqual(['1', '2', '3']);
  });
});
