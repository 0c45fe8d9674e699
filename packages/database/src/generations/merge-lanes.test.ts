import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mergeLanes, type FormerLane, type MergedLane, type RekeyedDelivery } from './merge-lanes.ts';

const lane = (orderingKey: string, more: Partial<FormerLane> = {}): FormerLane => ({
  partition: 0,
  orderingKey,
  isHeld: false,
  headPosition: 0n,
  nextPosition: 10n,
  carefulUntil: 0n,
  openedAt: new Date(1000),
  ...more,
});

const waits = (orderingKey: string, position: number, appendedAt: number, newKey: string): RekeyedDelivery => ({
  partition: 0,
  orderingKey,
  position: BigInt(position),
  appendedAt,
  newKey,
});

const said = ({ deliveries }: MergedLane) => deliveries.map(({ orderingKey, position }) => `${orderingKey}${position}`);

describe('mergeLanes', () => {
  it('leaves alone what keeps its key', () => {
    const lanes = [lane('a', { isHeld: true }), lane('b'), lane('c')];
    const { gone, merged } = mergeLanes(lanes, [waits('a', 0, 1, 'a'), waits('b', 0, 2, 'o')]);
    expect(gone.map(({ orderingKey }) => orderingKey)).toEqual(['b']);
    expect(merged.map(({ orderingKey }) => orderingKey)).toEqual(['o']);
  });

  it("merges by the log's time, none before what was before it in its own lane, then by place", () => {
    const deliveries = [
      waits('b', 0, 7, 'o'),
      waits('a', 3, 10, 'o'),
      // A redrive: older than what it is behind.
      waits('a', 4, 5, 'o'),
      waits('a', 5, 12, 'o'),
      waits('c', 0, 12, 'o'),
    ];
    const { gone, merged } = mergeLanes([lane('a', { headPosition: 3n }), lane('b'), lane('c')], deliveries);
    expect(gone).toHaveLength(3);
    expect(merged.map(said)).toEqual([['b0', 'a3', 'a4', 'a5', 'c0']]);
  });

  it('keeps a hold, careful runs and the tries of the head', () => {
    const held = lane('a', { isHeld: true, nextPosition: 40n, openedAt: new Date(5) });
    const careful = lane('b', { partition: 1, headPosition: 2n, carefulUntil: 3n });
    const deliveries = [
      waits('a', 0, 9, 'o'),
      { ...waits('b', 2, 3, 'o'), partition: 1 },
      { ...waits('b', 3, 4, 'o'), partition: 1 },
    ];
    const { merged } = mergeLanes([held, careful], deliveries);
    expect(merged).toEqual([
      {
        orderingKey: 'o',
        deliveries: expect.any(Array),
        firstPosition: 40n,
        isHeld: true,
        carefulUntil: 41n,
        openedAt: new Date(5),
        triesOf: { partition: 1, orderingKey: 'b' },
      },
    ]);
  });

  it('splits a lane, each part held if it was, and none but the first with its tries', () => {
    const { gone, merged } = mergeLanes(
      [lane('o', { isHeld: true })],
      [waits('o', 0, 1, 'a'), waits('o', 1, 2, 'b'), waits('o', 2, 3, 'a')],
    );
    expect(gone).toHaveLength(1);
    expect(merged.map((one) => [one.orderingKey, said(one), one.isHeld, one.triesOf !== null])).toEqual([
      ['a', ['o0', 'o2'], true, true],
      ['b', ['o1'], true, false],
    ]);
  });

  it('counts the hold of an empty lane whose key comes to be used', () => {
    const { gone, merged } = mergeLanes([lane('o', { isHeld: true }), lane('a')], [waits('a', 0, 1, 'o')]);
    expect(gone).toHaveLength(2);
    expect(merged.map(({ isHeld }) => isHeld)).toEqual([true]);
  });

  // Whatever is merged and split: nothing is lost or doubled, and no delivery overtakes another of its own old lane.
  it('has each delivery once, and each old lane in its order in each new one', () => {
    const keys = fc.constantFrom('a', 'b', 'c', 'd');
    const rows = fc.array(
      fc.record({
        orderingKey: keys,
        newKey: keys,
        appendedAt: fc.nat(5),
        partition: fc.nat(1),
        careful: fc.boolean(),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(rows, (given) => {
        const former = Map.groupBy(given, ({ partition, orderingKey }) => `${partition} ${orderingKey}`);
        const lanes: FormerLane[] = [];
        const waiting: RekeyedDelivery[] = [];
        for (const some of former.values()) {
          const [{ partition, orderingKey }] = some as [(typeof given)[number]];
          const careful = BigInt(some.findLastIndex((one) => one.careful) + 1);
          lanes.push(lane(orderingKey, { partition, nextPosition: BigInt(some.length), carefulUntil: careful }));
          waiting.push(
            ...some.map(({ appendedAt, newKey }, nth) => ({
              ...waits(orderingKey, nth, appendedAt, newKey),
              partition,
            })),
          );
        }
        const { gone, merged } = mergeLanes(lanes, waiting);
        const of = (one: RekeyedDelivery) => `${one.partition} ${one.orderingKey} ${one.position}`;
        const isGone = (one: RekeyedDelivery) =>
          gone.some(({ partition, orderingKey }) => partition === one.partition && orderingKey === one.orderingKey);
        const placed = merged.flatMap(({ deliveries }) => deliveries);
        expect(placed.map(of).toSorted()).toEqual(waiting.filter(isGone).map(of).toSorted());
        for (const one of waiting) if (!isGone(one)) expect(one.newKey).toBe(one.orderingKey);
        for (const { orderingKey, deliveries, firstPosition, carefulUntil } of merged) {
          expect(new Set(deliveries.map(({ newKey }) => newKey))).toEqual(new Set([orderingKey]));
          for (const part of Map.groupBy(deliveries, (one) => `${one.partition} ${one.orderingKey}`).values()) {
            const positions = part.map(({ position }) => position);
            expect(positions).toEqual(positions.toSorted((one, other) => Number(one - other)));
          }
          for (const [nth, delivery] of deliveries.entries()) {
            const from = lanes.find(
              (each) => each.partition === delivery.partition && each.orderingKey === delivery.orderingKey,
            ) as FormerLane;
            expect(firstPosition).toBeGreaterThanOrEqual(from.nextPosition);
            if (delivery.position < from.carefulUntil)
              expect(carefulUntil).toBeGreaterThan(firstPosition + BigInt(nth));
          }
        }
      }),
    );
  });
});
