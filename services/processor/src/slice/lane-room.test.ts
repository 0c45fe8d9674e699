import { describe, expect, it } from '@jest/globals';
import { aDelivery } from '@hookline/test-support';
import fc from 'fast-check';
import { countFitting } from './lane-room.ts';
import type { DeliveryRecord } from './record.ts';

const records = (...keys: string[]): DeliveryRecord[] =>
  keys.map((orderingKey, i) => ({ partition: 0, offset: BigInt(i), time: 0, orderingKey, delivery: aDelivery() }));
const empty = { byKey: new Map<string, never>(), totalBytes: 0 };
const limits = { keyBytes: 100, totalBytes: 250 };

describe('countFitting', () => {
  it('counts what goes into a lane only, key by key', () => {
    const three = records('a', 'a', 'b');
    expect(countFitting(three, [90, 0, 90], empty, limits)).toBe(3);
    expect(countFitting(three, [90, 90, 90], empty, limits)).toBe(1);
  });

  it('counts all lanes together', () => {
    const all = records('a', 'b', 'c');
    expect(countFitting(all, [90, 90, 90], empty, limits)).toBe(2);
    expect(countFitting(all, [90, 90, 90], { ...empty, totalBytes: 200 }, limits)).toBe(0);
  });

  // It would wait for room that can never be there.
  it('lets one record into a lane that has none, and into lanes that have none, however large', () => {
    expect(countFitting(records('a', 'a'), [9000, 1], empty, limits)).toBe(1);
    const emptied = { byKey: new Map([['a', { records: 0, bytes: 0 }]]), totalBytes: 0 };
    expect(countFitting(records('a'), [9000], emptied, limits)).toBe(1);
  });

  it('never lets a lane that had something pass its bound, and stops at the first that does not fit', () => {
    const one = fc.record({
      key: fc.constantFrom('a', 'b'),
      bytes: fc.integer({ min: 1, max: 150 }),
      parked: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), (all) => {
        const sizes = all.map(({ bytes, parked }) => (parked ? bytes : 0));
        const count = countFitting(records(...all.map(({ key }) => key)), sizes, empty, limits);
        const taken = all.slice(0, count).filter(({ parked }) => parked);
        for (const lane of Map.groupBy(taken, ({ key }) => key).values()) {
          const bytes = lane.reduce((sum, at) => sum + at.bytes, 0);
          expect(lane.length === 1 || bytes <= limits.keyBytes).toBe(true);
        }
        if (count < all.length) expect(all[count]?.parked).toBe(true);
      }),
    );
  });
});
