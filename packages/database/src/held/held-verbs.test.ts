import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { openLanes } from '../lanes/open-lanes.ts';
import { readLane } from '../lanes/read-lane.ts';
import type { LoggedDelivery } from '../logged-delivery.ts';
import { readBody, storedBytes, type StoredBody } from '../stored-body.ts';
import { logged } from '../testing/deliveries.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { fenceOf } from '../testing/partitions.ts';
import { holdDeliveries, type HeldArrival } from './hold-deliveries.ts';
import { readHeldPlace } from './read-held-place.ts';
import { releaseHeld, settleHeld } from './settle-held.ts';

const database = ownDatabase();

beforeEach(async () => {
  await database.query('truncate hookline.held_deliveries, hookline.lanes, hookline.lane_deliveries');
});

const fence = fenceOf(3n, { incarnation: 2 });
const KNOWN = { guid: randomUUID(), event: 'issues' };
const BODY = Buffer.from(JSON.stringify({ text: 'ünï'.repeat(100) }));

type Held = Record<string, unknown> & { body: Buffer | null; body_encoding: StoredBody['encoding'] | null };

/** The same payload under a GUID of its own, at a place of the log. */
function arrival(offset: bigint, given: Partial<LoggedDelivery['delivery']> = {}): HeldArrival {
  return { ...logged('a', { offset }, { body: BODY, ...given }), reason: 'suspected-replay', known: KNOWN };
}

const hold = (...arrivals: HeldArrival[]) => holdDeliveries(database, fence, arrivals);

async function held(): Promise<Held[]> {
  const { rows } = await database.query<Held>('select * from hookline.held_deliveries order by kafka_offset');
  return rows;
}

describe('what is held', () => {
  it('is kept as it was in the log, with what it is held for', async () => {
    const one = arrival(9_007_199_254_740_993n, { event: 'push', action: null, headers: { 'user-agent': 'ünï "x"' } });
    await hold({ ...one, reason: 'other-event' });
    const [row] = await held();
    expect(row).toMatchObject({
      kafka_partition: 1,
      incarnation: 2,
      kafka_offset: '9007199254740993',
      seen_incarnation: 2,
      seen_offset: '9007199254740993',
      reason: 'other-event',
      known_guid: KNOWN.guid,
      known_event: 'issues',
      state: 'held',
      generation: 1,
      arrivals: '1',
      ordering_key: 'a',
      guid: one.delivery.guid,
      event: 'push',
      action: null,
      headers: one.delivery.headers,
      settled_at: null,
    });
    expect(readBody({ bytes: row!.body!, encoding: row!.body_encoding! })).toEqual(BODY);
    const { digest, dedupScope, event } = one.delivery;
    const name = { digest, dedupScope, event };
    expect(await readHeldPlace(database, fence, name)).toEqual({
      ...name,
      state: 'held',
      generation: 1,
      orderingKey: 'a',
      guid: one.delivery.guid,
      source: 'main',
      action: null,
      receivedAt: one.delivery.receivedAt,
      place: { incarnation: 2, offset: one.offset },
      storedBytes: storedBytes(BODY).bytes.length,
    });
  });

  // Whoever can replay one request can replay it a million times: that is to cost one body, and a counter.
  it('is one row, with the first body, for any number of arrivals in one call and over calls', async () => {
    const [first, ...others] = [3n, 4n, 8n, 9n, 10n].map((offset) => arrival(offset));
    await hold(first!, others[0]!, others[1]!);
    expect(await held()).toMatchObject([{ arrivals: '3', kafka_offset: '3', seen_offset: '8' }]);
    await hold(others[2]!, others[3]!);
    expect(await held()).toMatchObject([
      { arrivals: '5', kafka_offset: '3', seen_offset: '10', guid: first!.delivery.guid, generation: 1 },
    ]);
  });

  it('is one for each event, scope and payload: a decision about one is none about another', async () => {
    const same = { digest: arrival(0n).delivery.digest };
    await hold(
      arrival(1n),
      arrival(2n, { event: 'push' }),
      arrival(3n, { dedupScope: 'another', ...same }),
      arrival(4n, { body: Buffer.from('other') }),
    );
    expect(await held()).toMatchObject([1, 2, 3, 4].map((n) => ({ kafka_offset: String(n), arrivals: '1' })));
  });

  // An operator goes back in the log; or the processor died after COMMIT, and reads the same records again.
  it('is not counted again, nor held anew, for a record at or below the last that was counted', async () => {
    await hold(arrival(3n), arrival(5n));
    const before = await held();
    await hold(arrival(4n));
    await hold(arrival(3n), arrival(5n));
    await holdDeliveries(database, { ...fence, incarnation: 1 }, [arrival(99n)]);
    expect(await held()).toEqual(before);
    await settleHeld(database, fence, arrival(0n).delivery, 'discarded');
    await hold(arrival(5n));
    expect(await held()).toMatchObject([{ state: 'discarded', generation: 1, arrivals: '2', body: null }]);
  });

  it('is counted in a log that was made anew, whatever the offset', async () => {
    await hold(arrival(30n));
    await holdDeliveries(database, { ...fence, incarnation: 3 }, [arrival(1n)]);
    expect(await held()).toMatchObject([
      { arrivals: '2', incarnation: 2, kafka_offset: '30', seen_incarnation: 3, seen_offset: '1' },
    ]);
  });

  // A decision names the generation that it was made on: it must not reach what came after another decision.
  it('is held anew, a generation on, by an arrival after a decision: with all that this one says', async () => {
    await hold(arrival(3n));
    await database.query(`update hookline.held_deliveries set held_at = now() - interval '9 days'`);
    await settleHeld(database, fence, arrival(0n).delivery, 'released');
    const other = { guid: randomUUID(), event: 'push' };
    const next = arrival(4n, {
      source: 'second',
      hookId: '77',
      secretLabel: 'next',
      receivedAt: 7,
      headers: { a: 'b' },
    });
    await hold({ ...next, reason: 'other-event', known: other });
    const [row] = await held();
    expect(row).toMatchObject({
      state: 'held',
      generation: 2,
      arrivals: '2',
      kafka_offset: '4',
      guid: next.delivery.guid,
      source: 'second',
      hook_id: '77',
      secret_label: 'next',
      received_at: new Date(7),
      headers: { a: 'b' },
      reason: 'other-event',
      known_guid: other.guid,
      known_event: 'push',
      settled_at: null,
    });
    expect(readBody({ bytes: row!.body!, encoding: row!.body_encoding! })).toEqual(BODY);
    // The oldest that waits is what operators are warned of: the time before the decision is not waited.
    expect(Date.now() - (row!['held_at'] as Date).getTime()).toBeLessThan(24 * 60 * 60 * 1000);
  });

  it('needs no statement when there is none', async () => {
    const none = { query: () => Promise.reject(new Error('no statement is needed')) };
    await expect(holdDeliveries(none, fence, [])).resolves.toBeUndefined();
  });
});

describe('a decision about what is held', () => {
  const tries = { attempts: 0, kills: 0, deferrals: 0, dueInMs: 0, error: '' };
  const open = (orderingKey = 'a', on = fence) => openLanes(database, on, [{ orderingKey, ...tries }]);

  it('leaves the row without the body, and is made once', async () => {
    const one = arrival(3n);
    await hold(one);
    await settleHeld(database, fence, one.delivery, 'discarded');
    expect(await held()).toMatchObject([
      { state: 'discarded', body: null, body_encoding: null, body_bytes: null, settled_at: expect.any(Date) },
    ]);
    expect(await readHeldPlace(database, fence, one.delivery)).toMatchObject({ state: 'discarded', storedBytes: null });
    await expect(settleHeld(database, fence, one.delivery, 'released')).rejects.toThrow('is not held');
  });

  it.each([{ partition: 11 }, { consumerGroup: 'g' }, { topic: 't' }])(
    'is about this partition only: %j',
    async (given) => {
      const [one, other] = [arrival(3n), { ...fence, ...given }];
      await holdDeliveries(database, other, [one]);
      expect(await readHeldPlace(database, fence, one.delivery)).toBeNull();
      await expect(settleHeld(database, fence, one.delivery, 'discarded')).rejects.toThrow('is not held');
      expect(await readHeldPlace(database, other, { ...one.delivery, event: 'push' })).toBeNull();
      expect(await held()).toMatchObject([{ state: 'held' }]);
    },
  );

  it('to release it puts it behind what waits in its lane, byte for byte, as a run of all handlers', async () => {
    const [one, other] = [arrival(3n), arrival(5n, { body: Buffer.from('{}') })];
    await hold(one, other);
    await open();
    await releaseHeld(database, fence, other.delivery);
    await releaseHeld(database, { ...fence, incarnation: 9 }, one.delivery);
    const { reason: _, known: __, ...record } = one;
    expect(await readLane(database, fence, 'a', { records: 9, bytes: 1e9 })).toMatchObject([
      { offset: 5n },
      { ...record, position: 1n, incarnation: 2, run: 'replay', dead: null, lastRun: null },
    ]);
    const { rows } = await database.query('select records, bytes, next_position from hookline.lanes');
    const bytes = storedBytes(BODY).bytes.length + 2;
    expect(rows).toEqual([{ records: '2', bytes: String(bytes), next_position: '2' }]);
    expect(await held()).toMatchObject([
      { state: 'released', body: null },
      { state: 'released', body: null },
    ]);
  });

  // It would wait for nobody, or run with another body.
  it('to release it is refused without an open lane, and of what is decided', async () => {
    const one = arrival(3n);
    await hold(one);
    await open('b');
    await open('a', { ...fence, partition: 11 });
    await expect(releaseHeld(database, fence, one.delivery)).rejects.toThrow('its lane is not open');
    expect(await held()).toMatchObject([{ state: 'held' }]);
    await open();
    await settleHeld(database, fence, one.delivery, 'discarded');
    await expect(releaseHeld(database, fence, one.delivery)).rejects.toThrow('is not held');
    expect((await database.query('select from hookline.lane_deliveries')).rowCount).toBe(0);
  });
});
