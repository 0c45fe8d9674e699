import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import type { Database } from '../database.ts';
import { makeRanges } from '../make-ranges.ts';
import { giveEffect, givePartitions } from '../testing/outbox.ts';
import { claimAttempts } from './claim-attempts.ts';
import { ensureShards } from './ensure-shards.ts';
import { settleAttempts, type AttemptEnd } from './settle-attempts.ts';
import type { Shard } from './shard.ts';
import { takeShards } from './take-shards.ts';

const SETTINGS = { owner: 'one', deadlineMs: 10_000, marginMs: 2000, statementTimeoutMs: 5000 };
const ENDS: AttemptEnd[] = [
  { state: 'sent', result: null },
  { state: 'waiting', afterMs: 0, error: 'no', counts: true, decision: 'failed' },
];
/** PostgreSQL plans a prepared statement for its values five times before it keeps a plan. */
const PLANNED = 8;
const BACKLOG = 3000;

let own: TestDatabase;
let database: Database;
let relay: Database;
let shard: Shard;

beforeAll(async () => {
  own = await testDatabase();
  database = connectTo(own.url);
  // One connection, so that all is planned in one session.
  relay = connectTo(own.services.relay, { poolSize: 1 });
  await makeRanges(relay);
  await givePartitions(database, 1);
  await ensureShards(relay);
  const [taken] = await takeShards(relay, 'one', 60_000, 1);
  shard = (taken as NonNullable<typeof taken>).shard;
  await database.query('alter table hookline.outbox set (autovacuum_enabled = off)');
});
afterAll(async () => {
  await Promise.all([database.close(), relay.close()]);
  await own.drop();
});

async function attempt(effectId: string, end: AttemptEnd): Promise<void> {
  const { claimed } = await claimAttempts(relay, SETTINGS, [{ shard, effectIds: [effectId] }]);
  expect(claimed.map((effect) => effect.effectId)).toEqual([effectId]);
  await settleAttempts(relay, SETTINGS, [{ shard, effectId, end }]);
}

async function readWhole(): Promise<number> {
  // What the session has counted is told when it is idle, at once where it is asked to.
  await relay.query('select pg_stat_force_next_flush()');
  const { rows } = await database.query<{ n: number }>(
    `select seq_tup_read::integer as n from pg_stat_user_tables where relid = 'hookline.outbox'::regclass`,
  );
  return (rows[0] as { n: number }).n;
}

// Most of the time the outbox is empty, and then somebody opens a release with thousands of effects: a plan of the empty
// table would read it from end to end for each claim.
it('the plans of claim and settle that were made on an empty outbox do not read a full one whole', async () => {
  await database.query('vacuum (analyze) hookline.outbox');
  for (let n = 0; n < PLANNED; n++) {
    for (const end of ENDS) {
      const effectId = await giveEffect(database, { ordering_key: `${n} ${end.state}` });
      await attempt(effectId, end);
    }
    await database.query('delete from hookline.outbox');
  }
  const keys = Array.from({ length: BACKLOG }, (_, n) => `key ${n}`);
  await database.query(
    `insert into hookline.outbox
            (effect_id, consumer_group, topic, kafka_partition, ordering_key, queue, kind, handler, effect_key, source,
             dedup_scope, guid, digest, event, incarnation, kafka_offset, request)
     select gen_random_uuid(), $1, $2, $3, key, '', 'test.send', 'welcome', '#0', 'main', 'main', gen_random_uuid(), '',
            'push', 1, 7, '{}'
       from unnest($4::text[]) as key`,
    [shard.consumerGroup, shard.topic, shard.partition, keys],
  );
  const { rows } = await database.query<{ effect_id: string }>(
    'select effect_id from hookline.outbox order by position limit 4',
  );
  const before = await readWhole();
  for (const [n, { effect_id: effectId }] of rows.entries()) await attempt(effectId, ENDS[n % 2] as AttemptEnd);
  expect((await readWhole()) - before).toBe(0);
});
