import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PartitionQueue, type ReadRecord } from './partition-queue.ts';
import { isFull, mayFillAgain, QueueBudget, type QueueLimits } from './queue-budget.ts';

const OWN = { records: 80, bytes: 800 };
const TOTAL = { records: 100, bytes: 1000 };
const BATCH = { records: 15, bytes: 150 };

interface Member {
  queue: PartitionQueue;
  paused: boolean;
  taken: QueueLimits;
}

/** Queues under one budget, each fed and emptied as consumers do: a paused one gets nothing. */
function members(count: number, own = OWN, total = TOTAL): Member[] {
  const budget = new QueueBudget(total);
  return Array.from({ length: count }, () => {
    const member = { paused: false, taken: { records: 0, bytes: 0 } } as Member;
    member.queue = new PartitionQueue(0n, own, budget, () => (member.paused = false));
    return member;
  });
}

function feed(member: Member, { records, bytes }: QueueLimits): void {
  if (member.paused) return;
  const from = member.queue.next;
  const batch = Array.from({ length: records }, (_, i): ReadRecord => ({
    partition: 0,
    offset: from + BigInt(i),
    key: null,
    value: i === 0 ? Buffer.alloc(bytes) : null,
    time: 0,
  }));
  expect(member.queue.push(batch)).toBe(true);
  if (member.queue.full) member.paused = true;
}

async function empty(member: Member, limits: QueueLimits): Promise<void> {
  member.taken = { records: 0, bytes: 0 };
  if (member.queue.size.records === 0) return member.queue.settled();
  const records = await member.queue.take(limits);
  member.taken = { records: records.length, bytes: records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0) };
}

/** What is queued, and what was taken and is being worked on. */
function held(all: Member[]): QueueLimits {
  const parts = all.flatMap(({ queue, taken }) => [queue.size, taken]);
  return {
    records: parts.reduce((sum, { records }) => sum + records, 0),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

describe('QueueBudget', () => {
  // Memory must follow from the configuration, whatever arrives for whichever partitions.
  it('is passed by one batch of each partition at most, and never pauses an empty queue', async () => {
    const size = fc.record({
      records: fc.integer({ min: 1, max: BATCH.records }),
      bytes: fc.integer({ min: 0, max: BATCH.bytes }),
    });
    const step = fc.record({ at: fc.nat(5), feed: fc.option(size, { freq: 9 }), slice: fc.nat(60) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 100, maxLength: 300 }), async (steps) => {
        const all = members(6);
        for (const { at, feed: batch, slice } of steps) {
          const member = all[at] as Member;
          if (batch) feed(member, batch);
          else await empty(member, { records: slice, bytes: 10_000 });
          const { records, bytes } = held(all);
          expect(records).toBeLessThanOrEqual(TOTAL.records + 6 * BATCH.records);
          expect(bytes).toBeLessThanOrEqual(TOTAL.bytes + 6 * BATCH.bytes);
          for (const { queue, paused } of all) expect(paused && queue.size.records === 0).toBe(false);
        }
      }),
    );
  });

  it('stops the queues that hold most first, and lets those that hold less go on', () => {
    const all = members(2, { records: 1000, bytes: 1000 });
    const [busy, quiet] = all as [Member, Member];
    while (!busy.paused) feed(busy, { records: 10, bytes: 10 });
    expect(busy.queue.size.records).toBe(50);
    feed(quiet, { records: 10, bytes: 10 });
    expect([busy.paused, quiet.paused]).toEqual([true, false]);
    while (!quiet.paused) feed(quiet, { records: 1, bytes: 1 });
    expect(quiet.queue.size.records).toBe(25);
  });

  it('counts what is being worked on, and resumes others when that is done', async () => {
    const [one, other] = members(2, { records: 1000, bytes: 1000 }) as [Member, Member];
    feed(one, { records: 80, bytes: 80 });
    await one.queue.take({ records: 80, bytes: 80 });
    feed(other, { records: 20, bytes: 20 });
    expect([one.paused, other.paused]).toEqual([false, true]);
    one.queue.settled();
    expect(other.paused).toBe(false);
  });

  it('lets an empty partition take one batch where others hold everything, and goes on so', async () => {
    const [stuck, other] = members(2) as [Member, Member];
    feed(stuck, { records: 500, bytes: 50_000 });
    for (let i = 0; i < 3; i++) {
      expect(other.paused).toBe(false);
      feed(other, { records: 10, bytes: 10 });
      expect(other.paused).toBe(true);
      await empty(other, { records: 100, bytes: 1000 });
    }
  });

  it('has the room of a closed queue again', () => {
    const [gone, other] = members(2) as [Member, Member];
    feed(gone, { records: 500, bytes: 50_000 });
    feed(other, { records: 10, bytes: 10 });
    expect(other.paused).toBe(true);
    gone.queue.close();
    expect(other.paused).toBe(false);
  });

  it('does not fill a queue again at the point where it had become full', () => {
    const sizes = fc.record({ records: fc.integer({ min: 1, max: 200 }), bytes: fc.integer({ min: 1, max: 2000 }) });
    fc.assert(
      fc.property(sizes, sizes, sizes, (size, own, free) => {
        if (isFull(size, own, free)) expect(mayFillAgain(size, own, free)).toBe(false);
      }),
    );
  });
});
