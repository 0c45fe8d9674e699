import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LoggedDelivery } from '../logged-delivery.ts';
import { at, deadIn } from '../testing/dead-again.ts';
import { logged } from '../testing/deliveries.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { fenceOf } from '../testing/partitions.ts';
import { countMismatches, mismatchKey, type Mismatch } from './count-mismatches.ts';
import { errorFingerprint } from './error-fingerprint.ts';
import { settleLetters } from './settle-letters.ts';
import { writeDeadLetters } from './write-dead-letters.ts';

const database = ownDatabase();

beforeEach(async () => {
  await database.query('truncate hookline.dead_letters, hookline.dead_deliveries');
});

const fence = fenceOf(3n, { incarnation: 2 });

/** Keeps the first of its kind. */
async function keep(record: LoggedDelivery, on = fence, handler: string | null = null): Promise<void> {
  const place = { incarnation: on.incarnation, offset: record.offset, time: record.time };
  const reason = handler === null ? 'event-mismatch' : 'handler-failed';
  const letters = [{ handler, reason, attempts: 0, ...errorFingerprint(new Error('no')) } as const];
  await writeDeadLetters(database, on, [{ place, delivery: record, raw: null, letters }]);
}

/** The same payload again, by default under another GUID. */
const again = ({ delivery }: LoggedDelivery, offset: bigint, given: Partial<Mismatch> = {}): Mismatch => {
  const { dedupScope, digest, event } = delivery;
  return { dedupScope, digest, event, guid: randomUUID(), offset, ...given };
};

async function counted(): Promise<unknown[]> {
  const { rows } = await database.query(
    `select kafka_offset::integer as at, occurrences::integer as times, seen_incarnation as log, seen_offset::integer as seen
       from hookline.dead_deliveries
       join hookline.dead_letters using (consumer_group, topic, kafka_partition, incarnation, kafka_offset)
      order by consumer_group, topic, kafka_partition, kafka_offset`,
  );
  return rows;
}

describe('payloads under an event that cannot be theirs', () => {
  // Whoever has one captured payload can send it under any number of GUIDs: it is to cost one body, and a counter.
  it('are counted, any number in one call and over calls, whatever the GUID, and the kept ones are told', async () => {
    const [one, other, unknown] = [logged('a', { offset: 1n }), logged('b', { offset: 2n }), logged('c')];
    await keep(one);
    await keep(other);
    const arrivals = [again(one, 3n), again(unknown, 4n), again(other, 5n), again(one, 6n), again(unknown, 7n)];
    expect(await countMismatches(database, fence, arrivals)).toEqual(
      new Set([mismatchKey(again(one, 0n)), mismatchKey(again(other, 0n))]),
    );
    expect(await counted()).toEqual([
      { at: 1, times: 3, log: 2, seen: 6 },
      { at: 2, times: 2, log: 2, seen: 5 },
    ]);
    await countMismatches(database, fence, [again(one, 9n)]);
    expect(await counted()).toMatchObject([{ times: 4, seen: 9 }, { times: 2 }]);
  });

  // A human goes back in the log: its records are read again.
  it('are counted once for each place: of a call that is read again in part, only what is new', async () => {
    const one = logged('a', { offset: 5n });
    await keep(one);
    const key = new Set([mismatchKey(again(one, 0n))]);
    for (const offset of [4n, 5n]) expect(await countMismatches(database, fence, [again(one, offset)])).toEqual(key);
    expect(await counted()).toEqual([{ at: 5, times: 1, log: null, seen: null }]);
    const arrivals = [again(one, 5n), again(one, 7n), again(one, 8n)];
    for (const _ of [1, 2]) await countMismatches(database, fence, arrivals);
    expect(await counted()).toEqual([{ at: 5, times: 3, log: 2, seen: 8 }]);
    await countMismatches(database, fence, [again(one, 7n), again(one, 9n)]);
    expect(await counted()).toEqual([{ at: 5, times: 4, log: 2, seen: 9 }]);
    await countMismatches(database, { ...fence, incarnation: 3 }, [again(one, 1n)]);
    expect(await counted()).toEqual([{ at: 5, times: 5, log: 3, seen: 1 }]);
  });

  // They are told as dead-lettered, and must be among what waits for a decision.
  it('are dead again, a generation on, when they come after a discard, and not when they are read again', async () => {
    const one = logged('a', { offset: 1n });
    await keep(one);
    await countMismatches(database, fence, [again(one, 3n)]);
    await settleLetters(database, fence, at(1n), null, { from: 'dead', to: 'discarded' });
    await database.query(`update hookline.dead_letters set dead_at = now() - interval '9 days'`);
    const state = async () => {
      const { rows } = await database.query(
        `select state, generation, occurrences::integer as times, settled_at is not null as settled,
                dead_at > now() - interval '1 day' as is_new
           from hookline.dead_letters`,
      );
      return rows;
    };
    await countMismatches(database, fence, [again(one, 3n)]);
    expect(await state()).toEqual([{ state: 'discarded', generation: 1, times: 2, settled: true, is_new: false }]);
    await countMismatches(database, fence, [again(one, 4n), again(one, 5n)]);
    const dead = { state: 'dead', generation: 2, settled: false, is_new: true };
    expect(await state()).toEqual([{ ...dead, times: 4 }]);
    await countMismatches(database, fence, [again(one, 6n)]);
    expect(await state()).toEqual([{ ...dead, times: 5 }]);
  });

  it('are kept anew where the body of the kept one was erased', async () => {
    const one = logged('a', { offset: 1n });
    await keep(one);
    await deadIn(database).erase(1n);
    expect(await countMismatches(database, fence, [again(one, 3n)])).toEqual(new Set());
    expect(await counted()).toMatchObject([{ times: 1 }]);
  });

  it('are others under another event, in another scope, with another payload, or in another partition', async () => {
    const one = logged('a', { offset: 1n });
    for (const given of [{ partition: 11 }, { consumerGroup: 'g' }, { topic: 't' }]) {
      await keep(one, { ...fence, ...given });
    }
    expect(await countMismatches(database, fence, [again(one, 3n)])).toEqual(new Set());
    await keep(one);
    const others = [
      again(one, 3n, { event: 'push' }),
      again(one, 4n, { dedupScope: 'another' }),
      again(logged('a'), 5n),
    ];
    expect(await countMismatches(database, fence, others)).toEqual(new Set());
    expect(await counted()).toEqual(Array.from({ length: 4 }, () => ({ at: 1, times: 1, log: null, seen: null })));
  });

  // A genuine delivery that died of a handler is no such letter: its redelivery is a reset, and not a count of it.
  it('are no deliveries whose handlers died', async () => {
    const one = logged('a', { offset: 1n });
    await keep(one, fence, 'welcome');
    expect(await countMismatches(database, fence, [again(one, 3n)])).toEqual(new Set());
    expect(await counted()).toMatchObject([{ times: 1 }]);
  });

  it('need no statement when there are none', async () => {
    const none = { query: () => Promise.reject(new Error('no statement is needed')) };
    expect(await countMismatches(none, fence, [])).toEqual(new Set());
  });
});
