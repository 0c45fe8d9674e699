import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppendQueue, type Queued, type QueueLimits, type SendSize } from './append-queue.ts';

const limits: QueueLimits = {
  maxQueuedBytes: 1_000,
  largeRecordBytes: 100,
  maxSendBytes: 200,
  maxSendRecords: 6,
  maxPartitionBytes: 120,
  maxPartitionRecords: 4,
};
const EVERY = [0, 1, 2, 3];
let serial = 0;

function record(partition: number, bytes = 10, deadline = Number.POSITIVE_INFINITY): Queued<number> {
  return { partition, bytes, deadline, item: serial++, alone: false, done: false };
}

function queueOf(...records: Queued<number>[]): AppendQueue<number> {
  const queue = new AppendQueue<number>(4, limits);
  for (const one of records) expect(queue.offer(one, EVERY)).toBe(true);
  return queue;
}

describe('AppendQueue: what one send takes', () => {
  it('takes of every partition in order, and nothing twice', () => {
    const [a, b, c] = [record(0), record(1), record(0)];
    const queue = queueOf(a, b, c);
    expect(queue.take(EVERY, 'small')).toEqual([a, c, b]);
    expect(queue.take(EVERY, 'small')).toEqual([]);
  });

  it('takes only partitions of the leader that asks', () => {
    const [a, b] = [record(0), record(1)];
    const queue = queueOf(a, b);
    expect(queue.take([1], 'small')).toEqual([b]);
    expect(queue.take([], 'small')).toEqual([]);
    expect(queue.take([0], 'small')).toEqual([a]);
  });

  it('locks a partition until its send has ended, since a later send could overtake', () => {
    const [a, b] = [record(0), record(0)];
    const queue = queueOf(a);
    const first = queue.take(EVERY, 'small');
    queue.offer(b, EVERY);
    expect(queue.take(EVERY, 'small')).toEqual([]);
    queue.finish(first);
    expect(queue.take(EVERY, 'small')).toEqual([b]);
  });

  it('sends a large record alone, by the large sender, in its turn', () => {
    const [small, large, after] = [record(0), record(0, 500), record(0)];
    const queue = queueOf(small, large, after);
    expect(queue.take(EVERY, 'large')).toEqual([]);
    queue.finish(queue.take(EVERY, 'small'));
    expect(queue.take(EVERY, 'small')).toEqual([]);
    expect(queue.take(EVERY, 'large')).toEqual([large]);
    expect(queue.take(EVERY, 'small')).toEqual([]);
    queue.finish([large]);
    expect(queue.take(EVERY, 'small')).toEqual([after]);
  });

  it('gives every partition its turn when sends are full', () => {
    const records = EVERY.flatMap((partition) => [1, 2, 3, 4].map(() => record(partition)));
    const queue = queueOf(...records);
    const seen = new Set<number>();
    for (let send = 0; send < 4; send++) {
      const batch = queue.take(EVERY, 'small');
      for (const { partition } of batch) seen.add(partition);
      queue.putBack(batch);
    }
    expect(seen).toEqual(new Set(EVERY));
  });

  it('sends the records of a refused send one at a time, each before what came later', () => {
    const [a, b] = [record(0), record(1)];
    const queue = queueOf(a, b);
    const batch = queue.take([0, 1], 'small');
    for (const one of batch) one.alone = true;
    queue.putBack(batch);
    const later = record(0);
    queue.offer(later, EVERY);
    const singles = [queue.take([0, 1], 'small'), queue.take([0, 1], 'small')];
    expect(singles.map((single) => single.length)).toEqual([1, 1]);
    expect(new Set(singles.flat())).toEqual(new Set([a, b]));
    expect(queue.take([0, 1], 'small')).toEqual([]);
    queue.finish([a]);
    expect(queue.take([0, 1], 'small')).toEqual([later]);
  });
});

describe('AppendQueue: room', () => {
  it('refuses what would exceed all bytes, and counts what is on the way', () => {
    const queue = queueOf(record(0, 500), record(1, 500));
    const large = queue.take(EVERY, 'large');
    expect(queue.offer(record(2, 1), EVERY)).toBe(false);
    queue.finish(large);
    expect(queue.offer(record(2, 1), EVERY)).toBe(true);
    expect([queue.bytes, queue.records]).toEqual([501, 2]);
  });

  it('keeps a third for the other leaders when one broker takes nothing', () => {
    const queue = new AppendQueue<number>(4, limits);
    expect(queue.offer(record(0, 600), [0, 1])).toBe(true);
    expect(queue.offer(record(1, 100), [0, 1])).toBe(false);
    expect(queue.offer(record(2, 300), [2, 3])).toBe(true);
  });

  it('gives a leader its share back when its records are answered', () => {
    const queue = new AppendQueue<number>(4, limits);
    queue.offer(record(0, 600), [0, 1]);
    queue.finish(queue.take([0, 1], 'large'));
    expect(queue.offer(record(1, 100), [0, 1])).toBe(true);
    expect(queue.offer(record(1, 600), [0, 1])).toBe(false);
  });

  it('lets the first record of a leader pass, however large', () => {
    expect(new AppendQueue<number>(4, limits).offer(record(0, 900), [0, 1])).toBe(true);
  });

  it('knows no other partitions than those of the topic', () => {
    expect(() => queueOf(record(4))).toThrow('There is no partition 4: the topic has 4.');
  });
});

describe('AppendQueue: deadlines', () => {
  it('takes out what is past its deadline, on the way too, and its room with it', () => {
    const [a, b, c] = [record(0, 500, 10), record(1, 300, 20), record(1, 100, 30)];
    const queue = queueOf(a, b, c);
    expect(queue.nextDeadline()).toBe(10);
    queue.take([0], 'large');
    expect(queue.expire(9)).toEqual([]);
    expect(queue.expire(20)).toEqual([a, b]);
    expect([queue.bytes, queue.records, queue.nextDeadline()]).toEqual([100, 1, 30]);
    queue.putBack([a]);
    expect(queue.take(EVERY, 'large')).toEqual([]);
    expect(queue.clear()).toEqual([c]);
    expect([queue.bytes, queue.records, queue.nextDeadline()]).toEqual([0, 0, undefined]);
  });

  it('looks past an answered record on the way to the next one', () => {
    const [a, b] = [record(0, 10, 10), record(0, 10, 20)];
    const queue = queueOf(a, b);
    const batch = queue.take(EVERY, 'small');
    queue.expire(10);
    expect(queue.nextDeadline()).toBe(20);
    queue.finish(batch);
    expect(queue.nextDeadline()).toBeUndefined();
  });
});

/**
 * Whatever happens in whatever order: never two sends of a partition on the way; each partition's records are sent
 * first in, first out, a failed send's again before all others; all is within bounds; nothing is forgotten.
 */
describe('AppendQueue: any history', () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant('offer' as const),
      partition: fc.nat(3),
      bytes: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 50 }) }, fc.integer({ min: 1, max: 300 })),
    }),
    fc.record({
      do: fc.constant('take' as const),
      leader: fc.nat(1),
      size: fc.constantFrom<SendSize>('small', 'large'),
    }),
    fc.record({ do: fc.constantFrom('finish' as const, 'fail' as const, 'refuse' as const), which: fc.nat(5) }),
    fc.record({ do: fc.constant('expire' as const), after: fc.nat(40) }),
  );

  it('keeps order, locks and bounds', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
        const leaders = [
          [0, 2],
          [1, 3],
        ] as const;
        const queue = new AppendQueue<number>(4, limits);
        const waiting: Queued<number>[][] = [[], [], [], []];
        const sends: Queued<number>[][] = [];
        let now = 0;
        for (const action of steps) {
          now++;
          if (action.do === 'offer') {
            const one = record(action.partition, action.bytes, now + 20);
            if (queue.offer(one, leaders[action.partition % 2]!)) waiting[action.partition]!.push(one);
          } else if (action.do === 'take') {
            const batch = queue.take(leaders[action.leader]!, action.size);
            checkBatch(batch, action.size, waiting, sends);
            for (const one of batch) waiting[one.partition] = waiting[one.partition]!.slice(1);
            if (batch.length > 0) sends.push(batch);
          } else if (action.do === 'expire') {
            now += action.after;
            const expired = new Set(queue.expire(now));
            for (const one of expired) expect(one.deadline).toBeLessThanOrEqual(now);
            waiting.forEach((list, partition) => (waiting[partition] = list.filter((one) => !expired.has(one))));
            for (const one of waiting.flat()) expect(one.deadline).toBeGreaterThan(now);
          } else {
            const [batch] = sends.splice(action.which % Math.max(sends.length, 1), 1);
            if (batch === undefined) continue;
            if (action.do === 'finish') queue.finish(batch);
            else {
              if (action.do === 'refuse') for (const one of batch) one.alone = true;
              queue.putBack(batch);
              for (const one of [...batch].reverse()) if (!one.done) waiting[one.partition]!.unshift(one);
            }
          }
          for (const partitions of leaders) {
            const share = [...waiting.flat(), ...sends.flat()].filter(
              (one) => !one.done && partitions.includes(one.partition as never),
            );
            if (share.length > 1) expect(sum(share)).toBeLessThanOrEqual((limits.maxQueuedBytes * 2) / 3);
          }
          const left = [...waiting.flat(), ...sends.flat()].filter((one) => !one.done);
          expect(queue.records).toBe(left.length);
          expect(queue.bytes).toBe(left.reduce((sum, one) => sum + one.bytes, 0));
          expect(queue.bytes).toBeLessThanOrEqual(limits.maxQueuedBytes);
        }
      }),
      { numRuns: 200 },
    );
  });

  function checkBatch(
    batch: Queued<number>[],
    size: SendSize,
    waiting: Queued<number>[][],
    sends: Queued<number>[][],
  ): void {
    const busy = new Set(sends.flat().map((one) => one.partition));
    for (const one of batch) expect(busy.has(one.partition)).toBe(false);
    for (const partition of EVERY) {
      const taken = batch.filter((one) => one.partition === partition);
      expect(taken).toEqual(waiting[partition]!.slice(0, taken.length));
      if (taken.length > 1) expect(sum(taken)).toBeLessThanOrEqual(limits.maxPartitionBytes);
      expect(taken.length).toBeLessThanOrEqual(limits.maxPartitionRecords);
    }
    if (batch.length > 1) expect(sum(batch)).toBeLessThanOrEqual(limits.maxSendBytes);
    expect(batch.length).toBeLessThanOrEqual(limits.maxSendRecords);
    for (const one of batch) expect(one.bytes > limits.largeRecordBytes).toBe(size === 'large');
    if (batch.some((one) => one.alone) || size === 'large') expect(batch.length).toBeLessThanOrEqual(1);
  }

  function sum(records: Queued<number>[]): number {
    return records.reduce((total, one) => total + one.bytes, 0);
  }
});
