import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createDueHeap } from './due-heap.ts';

describe('a heap of what is due', () => {
  it('gives all that is due, by the time at which it is, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), fc.nat(50), (times, now) => {
        const heap = createDueHeap<number>();
        for (const dueAt of times) heap.add(dueAt, dueAt);
        const sorted = times.toSorted((one, other) => one - other);
        expect(heap.nextDueAt()).toBe(sorted[0] ?? Number.POSITIVE_INFINITY);
        const due: number[] = [];
        for (let item = heap.takeDue(now); item !== undefined; item = heap.takeDue(now)) due.push(item);
        expect(due).toEqual(sorted.filter((dueAt) => dueAt <= now));
        expect(heap.size()).toBe(times.length - due.length);
      }),
    );
  });
});
