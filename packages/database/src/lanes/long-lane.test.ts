import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Queryable } from '../database.ts';
import { storedBytes } from '../stored-body.ts';
import { explain } from '../testing/explain.ts';
import { claim, logged } from '../testing/deliveries.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { fenceOf } from '../testing/partitions.ts';
import { appendToLanes } from './append-to-lanes.ts';
import { findOpenLanes } from './find-open-lanes.ts';
import { findWaiting } from './find-waiting.ts';
import { openLanes } from './open-lanes.ts';
import { readDueLanes } from './read-due-lanes.ts';
import { readLane } from './read-lane.ts';
import { removeFromLane } from './remove-from-lane.ts';

const database = ownDatabase();

beforeAll(async () => {
  // What is measured here are tables that nobody has come to vacuum or to analyse.
  for (const table of ['lanes', 'lane_deliveries']) {
    await database.query(`alter table hookline.${table} set (autovacuum_enabled = false)`);
  }
});
beforeEach(async () => {
  await database.query('truncate hookline.lanes, hookline.lane_deliveries');
});

const fence = fenceOf(1n);
const RECORDS = 20_000;
const LIMITS = { records: 500, bytes: 1e9 };

/** One long lane, among many short ones. */
async function fill(): Promise<void> {
  await database.query(
    `insert into hookline.lanes
            (consumer_group, topic, kafka_partition, ordering_key, next_position, records, bytes, due_at)
     select $1, $2, $3, key, records, records, records * 100, now()
       from (select 'long', $4::integer union all select 'short ' || n, 1 from generate_series(1, 2000) as n)
            as lane (key, records)`,
    [fence.consumerGroup, fence.topic, fence.partition, RECORDS],
  );
  await database.query(
    `insert into hookline.lane_deliveries
            (consumer_group, topic, kafka_partition, ordering_key, position, incarnation, kafka_offset, appended_at,
             source, dedup_scope, guid, digest, event, received_at, headers, secret_label, body, body_encoding, body_bytes)
     select consumer_group, topic, kafka_partition, ordering_key, n, 1, n, now(), 'main', 'main', gen_random_uuid(),
            sha256(n::text::bytea), 'issues', now(), '{}', 'current', convert_to(repeat('x', 100), 'UTF8'), 'identity',
            100
       from hookline.lanes cross join lateral generate_series(0, records - 1) as n`,
  );
}

const analyze = () => database.query('analyze hookline.lanes, hookline.lane_deliveries');

async function drain(through: number): Promise<void> {
  for (let done = 0; done < through; done += LIMITS.records) {
    const heads = await readLane(database, fence, 'long', LIMITS);
    expect(heads[0]?.position).toBe(BigInt(done));
    const last = heads.at(-1)!;
    const bytes = heads.reduce((sum, head) => sum + head.storedBytes, 0);
    await removeFromLane(database, fence, 'long', { through: last.position, records: heads.length, bytes });
  }
}

/** What an old snapshot could still see, nothing may remove: neither vacuum nor whoever comes upon it. */
async function whileOldTransactionRuns(work: () => Promise<void>): Promise<void> {
  const old = await database.acquire();
  await old.query('begin isolation level repeatable read');
  await old.query('select 1 from hookline.lanes limit 1');
  try {
    await work();
  } finally {
    await old.query('rollback');
    old.release();
  }
}

/** Pages that a verb's statements touch. */
async function pages(verb: (tx: Queryable) => Promise<unknown>): Promise<number> {
  const [top] = await explain(database, verb);
  return Number(top!['Shared Hit Blocks']) + Number(top!['Shared Read Blocks']);
}

const VERBS: [name: string, verb: (tx: Queryable) => Promise<unknown>][] = [
  ['reading its first records', (tx) => readLane(tx, fence, 'long', LIMITS)],
  ['removing them', (tx) => removeFromLane(tx, fence, 'long', { through: 499n, records: 500, bytes: 0 })],
  [
    'looking keys up',
    (tx) =>
      findOpenLanes(
        tx,
        fence,
        Array.from({ length: 500 }, (_, n) => `short ${n}`),
      ),
  ],
  [
    'looking identities up',
    (tx) =>
      findWaiting(
        tx,
        fence,
        Array.from({ length: 500 }, () => claim()),
      ),
  ],
];

describe('a long lane', () => {
  describe.each([
    ['no statistics', [fill]],
    ['statistics of empty tables', [analyze, fill]],
    ['true statistics', [fill, analyze]],
  ])('with %s', (_, steps) => {
    it.each(VERBS)('takes no scan of a whole table for %s', async (_name, verb) => {
      for (const step of steps) await step();
      const scans = (await explain(database, verb)).filter((node) => node['Relation Name']?.startsWith('lane'));
      const reads = scans.filter((node) => node['Node Type'] !== 'ModifyTable');
      expect(reads.length).toBeGreaterThan(0);
      for (const scan of reads) {
        expect(scan['Node Type']).toMatch(/^(Index (Only )?|Bitmap Heap )Scan$/);
        if (scan['Node Type'] !== 'Bitmap Heap Scan') expect(scan['Index Cond']).toMatch(/ordering_key|digest/);
      }
    });
  });

  // Autovacuum may come late, or be held off by any old transaction: dead rows must not make the lane slower and slower.
  it('is as cheap at its end as at its beginning, with all that was removed still in the table', async () => {
    await fill();
    const read = (tx: Queryable) => readLane(tx, fence, 'long', LIMITS);
    const first = await pages(read);
    await whileOldTransactionRuns(async () => {
      await drain(RECORDS - LIMITS.records);
      expect(await pages(read)).toBeLessThan(1.5 * first);
      expect(await pages((tx) => readDueLanes(tx, fence, 4))).toBeLessThan(500);
    });
  });

  it('does not slow down a short one that its key has after it', async () => {
    await fill();
    await whileOldTransactionRuns(async () => {
      await drain(RECORDS);
      const record = logged('long');
      await openLanes(database, fence, [
        { orderingKey: 'long', attempts: 1, kills: 0, deferrals: 0, dueInMs: 0, error: 'failed' },
      ]);
      await appendToLanes(database, fence, [{ ...record, stored: storedBytes(record.delivery.body) }]);
      expect(await pages((tx) => readLane(tx, fence, 'long', LIMITS))).toBeLessThan(20);
      expect(await readLane(database, fence, 'long', LIMITS)).toMatchObject([record]);
    });
  });
});
