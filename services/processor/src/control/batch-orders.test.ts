import type { ControlTarget } from '@hookline/contracts';
import { describe, expect, it } from '@jest/globals';
import { command } from '../testing/story.ts';
import { discard, effect, lane, redrive } from '../testing/targets.ts';
import { batchOrders } from './batch-orders.ts';

const at = (offset: bigint, incarnation = 1): ControlTarget => ({ ...redrive(1, [], offset), incarnation }) as never;
const orders = (...targets: ControlTarget[]) => targets.map((target) => ({ order: command(target) }));
const sizes = (records: Parameters<typeof batchOrders>[0]) => batchOrders(records).map(({ length }) => length);

describe('orders that are applied together', () => {
  it('are redrives in a row', () => {
    const records = orders(at(1n), at(2n), discard(), discard(), at(3n), lane('hold', 'none'), at(4n), at(5n), at(6n));
    expect(sizes(records)).toEqual([2, 1, 1, 1, 1, 3]);
    expect(batchOrders(records).flat()).toEqual(records);
    expect(sizes([])).toEqual([]);
  });

  // The second one must find what the first has done.
  it('are of different places', () => {
    expect(sizes(orders(at(1n), at(2n), at(1n), at(2n), at(3n)))).toEqual([2, 3]);
    expect(sizes(orders(at(1n), at(1n, 2)))).toEqual([2]);
  });

  it('are different commands', () => {
    const id = '5d1b2c00-0000-4000-8000-000000000001';
    expect(sizes([at(1n), at(2n)].map((target) => ({ order: command(target, id) })))).toEqual([1, 1]);
  });

  it('are decisions of one kind about effects', () => {
    const [a, b] = ['a', 'b'].map((id) => effect('redrive-effect', id, 1)) as [ControlTarget, ControlTarget];
    const gone = effect('discard-effect', 'c', 1);
    expect(sizes(orders(a, b, a, gone, effect('discard-effect', 'd', 1), at(1n), at(2n)))).toEqual([2, 1, 2, 2]);
  });

  it('are readable', () => {
    const [first, last] = orders(at(1n), at(2n));
    expect(sizes([first!, { order: null }, last!])).toEqual([1, 1, 1]);
  });
});
