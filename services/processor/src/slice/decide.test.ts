import { describe, expect, it } from '@jest/globals';
import { identityKey } from '@hookline/database';
import { aDelivery } from '@hookline/test-support';
import fc from 'fast-check';
import { decide } from './decide.ts';
import type { DeliveryRecord } from './record.ts';

function record(offset: number, delivery = aDelivery()): DeliveryRecord {
  return { partition: 0, offset: BigInt(offset), time: 0, orderingKey: 'github.com/repository/1', delivery };
}

const everything = () => true;
const nothing = () => false;

describe('decide', () => {
  it('processes an identity once, however often it is in the slice', () => {
    const twice = aDelivery();
    expect(decide([record(0, twice), record(1, { ...twice }), record(2)], new Set(), everything)).toEqual([
      'processed',
      'duplicate',
      'processed',
    ]);
  });

  it('takes an identity claimed before for a duplicate, even where no handler asks for it any more', () => {
    const known = aDelivery();
    expect(decide([record(0, known)], new Set([identityKey(known)]), nothing)).toEqual(['duplicate']);
  });

  it('ignores what no handler asks for, and claims nothing by it: its next arrival is decided anew', () => {
    const twice = aDelivery();
    expect(decide([record(0, twice), record(1, twice)], new Set(), nothing)).toEqual(['ignored', 'ignored']);
  });

  it.each([
    ['GUID', { guid: '11111111-1111-4111-8111-111111111111' }],
    ['digest', { digest: Buffer.alloc(32, 1) }],
    ['dedup scope', { dedupScope: 'another' }],
  ])('tells deliveries apart by their %s', (_, change) => {
    const one = aDelivery();
    expect(decide([record(0, one), record(1, { ...one, ...change })], new Set(), everything)).toEqual([
      'processed',
      'processed',
    ]);
  });

  // The model: cut a stream into slices anywhere, remember what was processed, and nothing depends on the cuts.
  it('decides the same whatever the slices', () => {
    const pool = Array.from({ length: 5 }, (_, i) => aDelivery({ event: i % 2 ? 'issues' : 'push' }));
    const stream = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 40 });
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 40 }), (picks, cut) => {
        const records = picks.map((pick, i) => record(i, pool[pick]));
        const isHandled = (event: string) => event === 'issues';
        const whole = decide(records, new Set(), isHandled);
        const claimed = new Set<string>();
        const cutUp = Array.from({ length: Math.ceil(records.length / cut) }, (_, i) => {
          const slice = records.slice(i * cut, (i + 1) * cut);
          const decisions = decide(slice, claimed, isHandled);
          slice.forEach(({ delivery }, at) => decisions[at] === 'processed' && claimed.add(identityKey(delivery)));
          return decisions;
        }).flat();
        expect(cutUp).toEqual(whole);
        expect(whole.filter((decision) => decision === 'processed')).toHaveLength(claimed.size);
      }),
    );
  });
});
