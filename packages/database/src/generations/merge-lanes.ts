/** A key and the partition in which it is: what a lane is known by within a topic. */
export interface LaneName {
  partition: number;
  orderingKey: string;
}

/** A lane before its generation moves. */
export interface FormerLane extends LaneName {
  isHeld: boolean;
  headPosition: bigint;
  nextPosition: bigint;
  /** Records below that position run one at a time. */
  carefulUntil: bigint;
  openedAt: Date;
}

/** What waits in one of them, with the key that it has by the new rule. */
export interface RekeyedDelivery extends LaneName {
  position: bigint;
  /** When the log took it, in milliseconds since the Unix epoch. */
  appendedAt: number;
  newKey: string;
}

/** A lane of the new rule. */
export interface MergedLane {
  orderingKey: string;
  /** In its order; at least one. The first has `firstPosition`, and each the next one after it. */
  deliveries: readonly RekeyedDelivery[];
  firstPosition: bigint;
  isHeld: boolean;
  carefulUntil: bigint;
  /** When the first of what it is made of was. */
  openedAt: Date;
  /** The lane whose head is its head, and keeps its tries; null: its head was not tried. */
  triesOf: LaneName | null;
}

/**
 * Which lanes become which, where the key rule changes: the lanes that are no more, and those in their place. A lane that
 * stays as it is is in neither. Pure.
 *
 * Of two deliveries of one lane, whichever new lane they are in, the earlier stays the earlier. Between lanes that become one
 * the log's time decides, at which none is ahead of what was before it in its own lane; then their places. A lane is held if
 * something of a held one is in it: a hold is never lost, but where nothing waits under it.
 */
export function mergeLanes(
  lanes: readonly FormerLane[],
  waiting: readonly RekeyedDelivery[],
): { gone: FormerLane[]; merged: MergedLane[] } {
  const goingTo = Map.groupBy(waiting, ({ newKey }) => newKey);
  // What leaves a lane, or comes into it, changes it.
  const changedKeys = new Set(
    waiting.flatMap(({ orderingKey, newKey }) => (orderingKey === newKey ? [] : [orderingKey, newKey])),
  );
  const gone = lanes.filter(({ orderingKey }) => changedKeys.has(orderingKey));
  const laneOf = new Map(lanes.map((lane) => [nameOf(lane), lane]));
  const merged = [...goingTo]
    .filter(([newKey]) => changedKeys.has(newKey))
    .map(([orderingKey, deliveries]) => {
      const there = gone.filter((lane) => lane.orderingKey === orderingKey);
      return mergedLane(orderingKey, inOrder(deliveries), there, laneOf);
    });
  return { gone, merged };
}

function mergedLane(
  orderingKey: string,
  deliveries: readonly RekeyedDelivery[],
  there: readonly FormerLane[],
  laneOf: ReadonlyMap<string, FormerLane>,
): MergedLane {
  const of = (delivery: RekeyedDelivery): FormerLane => {
    const lane = laneOf.get(nameOf(delivery));
    if (!lane) throw new Error(`${delivery.orderingKey} waits without a lane.`);
    return lane;
  };
  const parts = [...new Set([...deliveries.map(of), ...there])];
  // Above all that was: positions only rise, and none is taken while rows are renumbered one by one.
  const firstPosition = parts.reduce((highest, { nextPosition }) => max(highest, nextPosition), 0n);
  const careful = deliveries.findLastIndex((delivery) => delivery.position < of(delivery).carefulUntil);
  const [head] = deliveries as [RekeyedDelivery, ...RekeyedDelivery[]];
  return {
    orderingKey,
    deliveries,
    firstPosition,
    isHeld: parts.some(({ isHeld }) => isHeld),
    carefulUntil: careful === -1 ? 0n : firstPosition + BigInt(careful) + 1n,
    openedAt: new Date(Math.min(...parts.map((lane) => lane.openedAt.getTime()))),
    triesOf:
      of(head).headPosition === head.position ? { partition: head.partition, orderingKey: head.orderingKey } : null,
  };
}

/** Several sequences as one, by the earliest of what is first in each: it comes out as if sorted by the highest time so far. */
function inOrder(deliveries: readonly RekeyedDelivery[]): RekeyedDelivery[] {
  const sequences = Map.groupBy(deliveries, nameOf);
  const timed = [...sequences.values()].flatMap((sequence) => {
    let time = -Infinity;
    return sequence.toSorted(byPosition).map((delivery) => {
      time = Math.max(time, delivery.appendedAt);
      return { time, delivery };
    });
  });
  return timed
    .toSorted((one, other) => one.time - other.time || byPlace(one.delivery, other.delivery))
    .map(({ delivery }) => delivery);
}

function byPlace(one: RekeyedDelivery, other: RekeyedDelivery): number {
  if (one.partition !== other.partition) return one.partition - other.partition;
  if (one.orderingKey !== other.orderingKey) return one.orderingKey < other.orderingKey ? -1 : 1;
  return byPosition(one, other);
}

function byPosition(one: RekeyedDelivery, other: RekeyedDelivery): number {
  return Number(one.position - other.position);
}

function nameOf({ partition, orderingKey }: LaneName): string {
  return `${partition} ${orderingKey}`;
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
