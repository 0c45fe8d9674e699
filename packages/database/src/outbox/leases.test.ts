import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import type { Database } from '../database.ts';
import { waitingForLock } from '../testing/backends.ts';
import { giveEffect, givePartitions } from '../testing/outbox.ts';
import { PLACE } from '../testing/partitions.ts';
import { commit, transaction } from '../transaction.ts';
import { beatRelay, countRelays, leaveRelays } from './beat-relay.ts';
import { ensureShards } from './ensure-shards.ts';
import { giveBackShards } from './give-back-shards.ts';
import { lockShards } from './lock-shards.ts';
import { renewLeases } from './renew-leases.ts';
import type { Shard } from './shard.ts';
import { takeShards } from './take-shards.ts';

const take = async (relay: string, leaseMs: number, limit: number): Promise<Shard[]> =>
  (await takeShards(database, relay, leaseMs, limit)).map(({ shard }) => shard);

const LEASE_MS = 60_000;

let own: TestDatabase;
let owner: Database;
/** As relays see it. */
let database: Database;

beforeAll(async () => {
  own = await testDatabase();
  owner = connectTo(own.url);
  database = connectTo(own.services.relay, { applicationName: 'relay' });
});
beforeEach(async () => {
  await owner.query(
    `truncate hookline.partition_offsets, hookline.outbox_shards, hookline.relays, hookline.outbox,
              hookline.topic_generations`,
  );
  await givePartitions(owner, 4);
  await ensureShards(database);
});
afterAll(async () => {
  await Promise.all([database.close(), owner.close()]);
  await own.drop();
});

const partitions = (shards: readonly Shard[]) => shards.map(({ partition }) => partition).toSorted((a, b) => a - b);
const endLeases = () =>
  owner.query(`update hookline.outbox_shards set lease_until = now() - interval '1 ms' where owner is not null`);

async function readShards() {
  const { rows } = await owner.query(
    `select kafka_partition, epoch, owner, round(extract(epoch from lease_until - clock_timestamp()))::integer as left_s
       from hookline.outbox_shards order by kafka_partition`,
  );
  return rows;
}

describe('shards', () => {
  it('are made once of each partition that has an owner', async () => {
    expect(await ensureShards(database)).toBe(0);
    await owner.query('delete from hookline.outbox_shards where kafka_partition > 1');
    await take('one', LEASE_MS, 1);
    expect(await ensureShards(database)).toBe(2);
    expect(await readShards()).toEqual([
      { kafka_partition: 0, epoch: '1', owner: 'one', left_s: 60 },
      ...[1, 2, 3].map((n) => ({ kafka_partition: n, epoch: '0', owner: null, left_s: null })),
    ]);
  });

  it('can be made by two relays at once', async () => {
    await owner.query('delete from hookline.outbox_shards');
    const made = await Promise.all([ensureShards(database), ensureShards(database), ensureShards(database)]);
    expect(made.reduce((sum, n) => sum + n, 0)).toBe(4);
  });
});

describe('takeShards', () => {
  it('takes as many free ones as are asked for, each with a higher epoch', async () => {
    const taken = await takeShards(database, 'one', LEASE_MS, 3);
    expect(taken).toHaveLength(3);
    for (const { shard, wasAbandoned } of taken) {
      expect(shard).toEqual({ ...PLACE, partition: expect.any(Number), epoch: 1n });
      expect(wasAbandoned).toBe(false);
    }
    const rest = await take('two', LEASE_MS, 3);
    expect(partitions([...taken.map(({ shard }) => shard), ...rest])).toEqual([0, 1, 2, 3]);
    expect(await take('two', LEASE_MS, 0)).toEqual([]);
  });

  it('takes what another has let expire, and tells that it was abandoned', async () => {
    await take('one', LEASE_MS, 4);
    expect(await take('two', LEASE_MS, 4)).toEqual([]);
    await endLeases();
    const taken = await takeShards(database, 'two', LEASE_MS, 4);
    expect(partitions(taken.map(({ shard }) => shard))).toEqual([0, 1, 2, 3]);
    expect(taken[0]).toMatchObject({ shard: { epoch: 2n }, wasAbandoned: true });
  });

  it('gives each to one of many that ask at once', async () => {
    const taken = await Promise.all(Array.from({ length: 4 }, (_, n) => take(`r${n}`, LEASE_MS, 4)));
    const all = taken.flat();
    expect(new Set(partitions(all)).size).toBe(all.length);
    expect(all.every(({ epoch }) => epoch === 1n)).toBe(true);
  });

  it('leaves what has moved to another topic, and counts it no more, unless something was left behind', async () => {
    const waiting = await giveEffect(owner, {}, { ...PLACE, partition: 2 });
    await giveEffect(owner, { state: 'dead', reason: 'refused' }, { ...PLACE, partition: 3 });
    await owner.query(
      `insert into hookline.topic_generations (topic, generation, partitions, state, consumer_group)
       values ($1, 1, 4, 'active', $2)`,
      [PLACE.topic, PLACE.consumerGroup],
    );
    expect(await countRelays(database)).toMatchObject({ shards: 4 });
    await owner.query(
      `update hookline.topic_generations
          set state = 'moved', ends = '{0,0,0,0}', sealing_at = now(), moved_at = now()`,
    );
    expect(await countRelays(database)).toMatchObject({ shards: 1 });
    expect(partitions(await take('one', LEASE_MS, 4))).toEqual([2]);
    await owner.query('delete from hookline.outbox where effect_id = $1', [waiting]);
    await endLeases();
    expect([await take('two', LEASE_MS, 4), await countRelays(database)]).toEqual([[], { relays: 0, shards: 0 }]);
  });

  // The fence: whoever has found the epoch its own has written before it is raised, and whoever looks later finds another.
  it('does not take what is locked by its epoch, nor does the lock hold up a renewal', async () => {
    const [shard] = (await take('one', LEASE_MS, 1)) as [Shard];
    await endLeases();
    await transaction(database, {}, async (tx) => {
      expect(await lockShards(tx, 'one', [shard], null)).toEqual([shard]);
      expect(partitions(await take('two', LEASE_MS, 4))).toEqual([1, 2, 3]);
      await owner.query(`update hookline.outbox_shards set lease_until = now() + interval '1 s' where owner = 'one'`);
      return commit(null);
    });
    await endLeases();
    expect(partitions(await take('two', LEASE_MS, 4))).toContain(shard.partition);
    const { rows } = await database.query(
      'select from hookline.outbox_shards where owner = $1 and kafka_partition = $2',
      ['two', shard.partition],
    );
    expect(rows).toHaveLength(1);
    await transaction(database, {}, async (tx) =>
      commit(expect(await lockShards(tx, 'one', [shard], null)).toEqual([])),
    );
  });
});

describe('lockShards', () => {
  it('wants as much of the lease as an attempt may take', async () => {
    const shards = await take('one', 5000, 4);
    const [first] = shards as [Shard];
    const lock = (owner_: string, held: Shard[], leftMs: number | null) =>
      transaction(database, {}, async (tx) => commit(partitions(await lockShards(tx, owner_, held, leftMs))));
    expect(await lock('one', shards, 4000)).toEqual([0, 1, 2, 3]);
    expect(await lock('one', shards, 6000)).toEqual([]);
    expect(await lock('two', shards, null)).toEqual([]);
    expect(
      await lock(
        'one',
        [
          { ...first, epoch: 9n },
          { ...first, topic: 'other' },
        ],
        null,
      ),
    ).toEqual([]);
    await endLeases();
    expect(await lock('one', shards, null)).toEqual([0, 1, 2, 3]);
    expect(await lock('one', shards, 0)).toEqual([]);
  });

  it('holds up whoever raises an epoch by `for update`', async () => {
    const [shard] = (await take('one', LEASE_MS, 1)) as [Shard];
    const mover = connectTo(own.url, { applicationName: 'mover' });
    let moved: Promise<unknown> = Promise.resolve();
    await transaction(database, {}, async (tx) => {
      await lockShards(tx, 'one', [shard], null);
      moved = mover.query('select from hookline.outbox_shards for update');
      await waitingForLock(owner, 'mover');
      return commit(null);
    });
    expect(await moved).toMatchObject({ rowCount: 4 });
    await mover.close();
  });
});

describe('renewLeases', () => {
  it('prolongs what is held, and leaves out what has ended or is another relay’s', async () => {
    const mine = await take('one', 1000, 2);
    const others = await take('two', LEASE_MS, 1);
    expect(await renewLeases(database, 'one', LEASE_MS, [...mine, ...others])).toHaveLength(2);
    const [first] = mine as [Shard];
    await owner.query(`update hookline.outbox_shards set lease_until = now() where kafka_partition = $1`, [
      first.partition,
    ]);
    expect(partitions(await renewLeases(database, 'one', LEASE_MS, mine))).toEqual(partitions(mine.slice(1)));
    expect(await renewLeases(database, 'one', LEASE_MS, [{ ...first, epoch: 7n }])).toEqual([]);
    expect(await renewLeases(database, 'one', LEASE_MS, [])).toEqual([]);
  });
});

describe('giveBackShards', () => {
  it('frees what is held, for whoever asks next, who need not wait for anything', async () => {
    const mine = await take('one', LEASE_MS, 2);
    const others = await take('two', LEASE_MS, 2);
    expect(await giveBackShards(database, 'one', [...mine, ...others])).toBe(2);
    expect(await giveBackShards(database, 'one', mine)).toBe(0);
    expect(await giveBackShards(database, 'one', [])).toBe(0);
    const taken = await takeShards(database, 'three', LEASE_MS, 4);
    expect(partitions(taken.map(({ shard }) => shard))).toEqual(partitions(mine));
    expect(taken[0]).toMatchObject({ shard: { epoch: 2n }, wasAbandoned: false });
  });
});

describe('beatRelay', () => {
  it('counts who is there, and the shards to share', async () => {
    expect(await beatRelay(database, 'one', LEASE_MS)).toEqual({ relays: 1, shards: 4 });
    expect(await beatRelay(database, 'two', LEASE_MS)).toEqual({ relays: 2, shards: 4 });
    expect(await beatRelay(database, 'one', LEASE_MS)).toEqual({ relays: 2, shards: 4 });
    await owner.query(`update hookline.relays set alive_until = now() - interval '1 s' where relay = 'two'`);
    expect(await beatRelay(database, 'one', LEASE_MS)).toEqual({ relays: 1, shards: 4 });
    await leaveRelays(database, 'one');
    expect(await beatRelay(database, 'three', LEASE_MS)).toEqual({ relays: 1, shards: 4 });
  });

  it('forgets who has said nothing for ten leases', async () => {
    await beatRelay(database, 'one', 1000);
    await owner.query(`update hookline.relays set alive_until = now() - interval '11 s'`);
    await beatRelay(database, 'two', 1000);
    expect((await owner.query('select relay from hookline.relays')).rows).toEqual([{ relay: 'two' }]);
  });
});
