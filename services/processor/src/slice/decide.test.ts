import { describe, expect, it } from '@jest/globals';
import { identityKey } from '@hookline/database';
import { aDelivery } from '@hookline/test-support';
import fc from 'fast-check';
import { decide, type Known } from './decide.ts';
import { isDelivery, type LogRecord } from './record.ts';

function record(offset: number, delivery = aDelivery(), orderingKey = 'github.com/repository/1'): LogRecord {
  return { partition: 0, offset: BigInt(offset), time: 0, orderingKey, delivery };
}

function foreign(offset: number): LogRecord {
  const raw = { key: null, value: Buffer.from('x') };
  return { partition: 0, offset: BigInt(offset), time: 0, delivery: null, raw, detail: 'none of ours' };
}

function known(changes: Partial<Known> = {}): Known {
  const none = new Set<never>();
  return { claimed: none, waiting: none, lanes: none, failed: none, isHandled: () => true, ...changes };
}

const KEY = 'github.com/repository/1';
const nothing = () => false;

describe('decide', () => {
  it('processes an identity once, however often it is in the slice', () => {
    const twice = aDelivery();
    expect(decide([record(0, twice), record(1, { ...twice }), record(2)], known())).toEqual([
      'processed',
      'duplicate',
      'processed',
    ]);
  });

  it('takes an identity claimed before for a duplicate, even where no handler asks for it any more', () => {
    const before = aDelivery();
    const claimed = new Set([identityKey(before)]);
    expect(decide([record(0, before)], known({ claimed, isHandled: nothing }))).toEqual(['duplicate']);
  });

  it('ignores what no handler asks for, and claims nothing by it: its next arrival is decided anew', () => {
    const twice = aDelivery();
    expect(decide([record(0, twice), record(1, twice)], known({ isHandled: nothing }))).toEqual(['ignored', 'ignored']);
  });

  it.each([
    ['GUID', { guid: '11111111-1111-4111-8111-111111111111' }],
    ['digest', { digest: Buffer.alloc(32, 1) }],
    ['dedup scope', { dedupScope: 'another' }],
  ])('tells deliveries apart by their %s', (_, change) => {
    const one = aDelivery();
    expect(decide([record(0, one), record(1, { ...one, ...change })], known())).toEqual(['processed', 'processed']);
  });

  // Its order would be lost otherwise: the one behind would run before the one that failed.
  it('parks what has failed and all that comes behind it under its key, and nothing else', () => {
    const records = [record(0), record(1), record(2, aDelivery(), 'another'), record(3), record(4)];
    expect(decide(records, known({ failed: new Set([1n]) }))).toEqual([
      'processed',
      'parked',
      'processed',
      'parked',
      'parked',
    ]);
  });

  it('parks what comes while its key’s lane is open', () => {
    expect(decide([record(0), record(1, aDelivery(), 'another')], known({ lanes: new Set([KEY]) }))).toEqual([
      'parked',
      'processed',
    ]);
  });

  it('does not park twice what waits already, and does not take it for done', () => {
    const waits = aDelivery();
    const lanes = new Set([KEY]);
    const waiting = new Set([identityKey(waits)]);
    expect(decide([record(0, waits)], known({ lanes, waiting }))).toEqual(['reset']);
    const twice = aDelivery();
    expect(decide([record(0, twice), record(1, { ...twice })], known({ lanes }))).toEqual(['parked', 'reset']);
  });

  it('ignores what no handler asks for, also while its key waits', () => {
    expect(decide([record(0)], known({ lanes: new Set([KEY]), isHandled: nothing }))).toEqual(['ignored']);
  });

  it('makes a dead letter of what is no delivery, and goes on', () => {
    expect(decide([record(0), foreign(1), record(2)], known())).toEqual(['processed', 'dead-lettered', 'processed']);
  });

  // The model: cut a stream into slices anywhere, remember what each left behind, and nothing depends on the cuts.
  it('decides the same whatever the slices', () => {
    const pool = Array.from({ length: 6 }, (_, i) => ({
      delivery: aDelivery({ event: i === 5 ? 'push' : 'issues' }),
      key: `key ${i % 2}`,
    }));
    const stream = fc.array(fc.record({ pick: fc.integer({ min: 0, max: 5 }), fails: fc.boolean() }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 40 }), (picks, cut) => {
        const records = picks.map(({ pick }, i) => record(i, pool[pick]?.delivery, pool[pick]?.key));
        const failed = new Set(picks.flatMap(({ fails }, i) => (fails ? [BigInt(i)] : [])));
        const isHandled = (event: string) => event === 'issues';
        const whole = decide(records, known({ failed, isHandled }));
        const left = { claimed: new Set<string>(), waiting: new Set<string>(), lanes: new Set<string>() };
        const cutUp = Array.from({ length: Math.ceil(records.length / cut) }, (_, i) => {
          const slice = records.slice(i * cut, (i + 1) * cut).filter(isDelivery);
          const decisions = decide(slice, known({ ...left, failed, isHandled }));
          for (const [at, { delivery, orderingKey }] of slice.entries()) {
            if (decisions[at] === 'processed') left.claimed.add(identityKey(delivery));
            if (decisions[at] === 'parked') left.waiting.add(identityKey(delivery));
            if (decisions[at] === 'parked') left.lanes.add(orderingKey);
          }
          return decisions;
        }).flat();
        expect(cutUp).toEqual(whole);
        expect(whole.filter((decision) => decision === 'processed')).toHaveLength(left.claimed.size);
        expect(whole.filter((decision) => decision === 'parked')).toHaveLength(left.waiting.size);
        expectOrderKept(records, whole);
      }),
    );
  });
});

/** Once one of a key is parked, none behind it is processed. */
function expectOrderKept(records: readonly LogRecord[], decisions: readonly string[]): void {
  const parked = new Set<string>();
  for (const [i, one] of records.filter(isDelivery).entries()) {
    if (decisions[i] === 'parked') parked.add(one.orderingKey);
    if (decisions[i] === 'processed') expect(parked.has(one.orderingKey)).toBe(false);
  }
}
