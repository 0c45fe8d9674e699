import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createQueueBudget } from './queue-budget.ts';
import { createShardQueue } from './shard-queue.ts';

describe('the budget of queues', () => {
  it('is shared evenly by those that there are', () => {
    const budget = createQueueBudget({ entries: 100, bytes: 1000 });
    const [one, other] = [budget.open(), budget.open()];
    one.take({ entries: 10, bytes: 400 });
    expect([one.entriesLeft(), one.used(), other.entriesLeft(), other.used()]).toEqual([40, 0.8, 50, 0]);
    other.close();
    other.close();
    expect([one.entriesLeft(), one.used(), one.part({ entries: 25, bytes: 0 })]).toEqual([90, 0.4, 0.25]);
  });

  it('leaves each enough to go on, however many there are', () => {
    const budget = createQueueBudget({ entries: 10, bytes: 1000 });
    const rooms = Array.from({ length: 10 }, () => budget.open());
    expect(rooms.map((room) => room.entriesLeft())).toEqual(Array<number>(10).fill(4));
  });

  // Bounds of each queue by itself would grow with the number of partitions.
  it('bounds all queues together, whatever their number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }), (count, keys) => {
        const budget = createQueueBudget({ entries: 200, bytes: 1_000_000 });
        const queues = Array.from({ length: count }, () =>
          createShardQueue({ entriesPerKey: 32, room: budget.open() }),
        );
        let position = 0n;
        let read = 1;
        while (read > 0) {
          read = 0;
          for (const queue of queues) {
            const page = Array.from({ length: Math.min(7, queue.roomLeft()) }, (_, n) => ({
              effectId: `${(position += 1n)}`,
              position,
              orderingKey: position % 3n === 0n ? `hot ${n % keys}` : `${position}`,
              queue: '',
              kind: 'k',
              target: 'sink',
              bytes: 1,
              dueAt: position % 5n === 0n ? 100 : 0,
              isAmbiguous: false,
            }));
            queue.add(page, 0);
            read += page.length;
          }
        }
        const entries = queues.reduce((sum, queue) => sum + queue.size().entries, 0);
        expect(entries).toBeLessThanOrEqual(200);
        expect(entries).toBeGreaterThan(100);
      }),
    );
  });
});
