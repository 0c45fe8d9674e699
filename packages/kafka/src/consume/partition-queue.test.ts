import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PartitionQueue, type ReadRecord } from './partition-queue.ts';
import { QueueBudget } from './queue-budget.ts';

const LIMITS = { records: 10, bytes: 1000 };
const ALL = { records: 1000, bytes: 1_000_000 };

function batch(from: number, sizes: number[]): ReadRecord[] {
  return sizes.map((size, i) => ({
    partition: 0,
    offset: BigInt(from + i),
    key: Buffer.from('k'),
    value: size < 0 ? null : Buffer.alloc(size),
    time: 0,
  }));
}

function queue(next = 0, limits = LIMITS, onDrained = () => {}) {
  return new PartitionQueue(BigInt(next), limits, new QueueBudget({ records: 1000, bytes: 1_000_000 }), onDrained);
}

describe('PartitionQueue', () => {
  it('gives out what it was given, in order, whatever the batches and the slices', async () => {
    const batches = fc.array(fc.array(fc.integer({ min: -1, max: 300 }), { minLength: 1, maxLength: 20 }));
    const slice = fc.record({ records: fc.integer({ min: 1, max: 9 }), bytes: fc.integer({ min: 1, max: 500 }) });
    await fc.assert(
      fc.asyncProperty(batches, slice, async (all, limits) => {
        const q = queue(7);
        let next = 7;
        for (const sizes of all) {
          expect(q.push(batch(next, sizes))).toBe(true);
          next += sizes.length;
        }
        const seen: bigint[] = [];
        while (q.size.records > 0) {
          const taken = await q.take(limits);
          const bytes = taken.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
          expect(taken.length).toBeGreaterThan(0);
          expect(taken.length === 1 || (taken.length <= limits.records && bytes <= limits.bytes)).toBe(true);
          seen.push(...taken.map(({ offset }) => offset));
        }
        expect(seen).toEqual(Array.from({ length: next - 7 }, (_, i) => BigInt(7 + i)));
        expect(q.size).toEqual({ records: 0, bytes: 0 });
        expect(q.next).toBe(BigInt(next));
      }),
    );
  });

  // A batch from another place would let the offset advance over records that nobody saw.
  it.each([
    ['begins below', batch(3, [1])],
    ['begins above', batch(6, [1])],
    ['has a hole', [...batch(5, [1]), ...batch(7, [1])]],
    ['is empty', []],
  ])('takes nothing of a batch that %s', (_, wrong) => {
    const q = queue(5);
    expect(q.push(wrong)).toBe(false);
    expect(q.size.records).toBe(0);
    expect(q.next).toBe(5n);
  });

  it('is full at either bound, and tells once when it has fallen to half of both', async () => {
    let drained = 0;
    const q = queue(0, LIMITS, () => (drained += 1));
    q.push(batch(0, Array(9).fill(10)));
    expect(q.full).toBe(false);
    q.push(batch(9, [910]));
    expect(q.full).toBe(true);
    await q.take({ records: 9, bytes: 10_000 });
    expect([q.full, drained]).toEqual([true, 0]);
    await q.take(ALL);
    expect([q.full, drained]).toEqual([false, 1]);
    q.push(batch(10, Array(3).fill(1)));
    await q.take(ALL);
    expect(drained).toBe(1);
  });

  it('wakes a waiting taker for a batch, and lets it go empty-handed when closed', async () => {
    const q = queue();
    const waiting = q.take(ALL);
    q.push(batch(0, [1, 1]));
    expect(await waiting).toHaveLength(2);
    const ending = q.take(ALL);
    q.close();
    expect(await ending).toEqual([]);
  });

  it('gives nothing after its close, not even what it held: the next owner reads that again', async () => {
    const q = queue();
    q.push(batch(0, [1]));
    q.close();
    expect(await q.take(ALL)).toEqual([]);
    expect(q.push(batch(1, [1]))).toBe(false);
  });

  it('gives out what comes before a discontinuity, then nothing, and says where the log goes on', async () => {
    const q = queue(5);
    q.push(batch(5, [1]));
    q.discontinue([...batch(6, [1]), ...batch(9, [1])]);
    expect(q.push(batch(7, [1]))).toBe(false);
    expect((await q.take(ALL)).map(({ offset }) => offset)).toEqual([5n, 6n]);
    expect(await q.take(ALL)).toEqual([]);
    expect(q.discontinuity).toEqual({ expected: 7n, found: 9n });
  });

  it('wakes a waiting taker at a discontinuity, and keeps the first one', async () => {
    const q = queue(5);
    const waiting = q.take(ALL);
    q.discontinue(batch(0, [1]));
    q.discontinue(batch(20, [1]));
    expect(await waiting).toEqual([]);
    expect(q.discontinuity).toEqual({ expected: 5n, found: 0n });
  });
});
