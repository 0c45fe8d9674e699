import {
  makeRanges,
  rollback,
  transaction,
  verifyTables,
  type Database,
  type Problem,
  type Queryable,
} from '@hookline/database';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { guid } from '../testing/put-rows.ts';
import { COMMAND, putSoundWorld } from '../testing/sound-world.ts';
import { CODES } from './codes.ts';
import { LOG_CODES } from './compare-log.ts';

let own: TestDatabase;
let database: Database;

beforeAll(async () => {
  own = await testDatabase();
  database = connectTo(own.url);
  await makeRanges(database);
  await putSoundWorld(database);
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

/** A human has the partition read again from an offset, and an owner has done so. */
const RESUMED = `
  insert into hookline.partition_commands (command_id, consumer_group, topic, kafka_partition, command, resume_from,
                                           resume_offset, decided_reason, actor, why, outcome, settled_at)
  values (gen_random_uuid(), 'hookline-processor', 'github.deliveries', 3, 'resume', 'offset', 13, 'LOG_EXPIRED', 'ada',
          'a test', 'applied', now());
  insert into hookline.audit_log (stage, decision, topic, kafka_partition, kafka_offset, epoch)
  values ('partition', 'resumed', 'github.deliveries', 3, 13, 2);
  insert into hookline.audit_log (decision, topic, kafka_partition, kafka_offset, epoch, guid, digest, dedup_scope, event)
  select 'reread', topic, kafka_partition, kafka_offset, epoch, guid, digest, dedup_scope, event
    from hookline.audit_log where stage = 'log' and kafka_offset >= 13 order by kafka_offset`;

/** Does some damage, looks, and undoes it. */
function foundAfter(damage: string, most = 20): Promise<{ problems: Problem[]; more: string[] }> {
  return transaction(database, {}, async (tx) => {
    await tx.query(damage);
    return rollback(await verifyTables(tx, { most, commandsSince: new Date(0), onProgress: () => {} }));
  });
}

/** Rows of the audit about one offset, as they were read. */
const read = (offset: number) => `stage = 'log' and kafka_offset = ${offset}`;

/** What somebody, or something, has done to the tables, and what is then found. */
const DAMAGE: [code: string, what: string, sql: string, offset: number | null][] = [
  [
    'EFFECT_TWICE',
    'a settled effect is in the outbox',
    `update hookline.outbox set effect_id = (select effect_id from hookline.settled_effects where outcome = 'sent')
      where state = 'waiting'`,
    null,
  ],
  [
    'EFFECT_UNCLAIMED',
    'the claim of its delivery is gone',
    `delete from hookline.processed_deliveries where guid in (select guid from hookline.outbox)`,
    null,
  ],
  [
    'EFFECT_SETTLED_TWICE',
    'it was settled again, a week later',
    `insert into hookline.settled_effects
     select (jsonb_populate_record(settled, jsonb_build_object('settled_at', now() + interval '7 days'))).*
       from hookline.settled_effects settled where outcome = 'sent'`,
    null,
  ],
  [
    'EFFECT_UNTOLD',
    'the audit of what a relay has sent is gone',
    `delete from hookline.audit_log where stage = 'effect' and decision = 'sent'`,
    null,
  ],
  ['EFFECT_LOST', 'an effect is gone', `delete from hookline.outbox where state = 'dead'`, 19],
  ['EFFECT_LOST', 'a settled effect is gone', `delete from hookline.settled_effects where outcome = 'sent'`, 16],
  ['AUDIT_GAP', 'entries of the audit are gone', `delete from hookline.audit_log where kafka_offset in (13, 14)`, 13],
  ['AUDIT_GAP', 'the stored offset was raised', `update hookline.partition_offsets set next_offset = 25`, 20],
  [
    'AUDIT_DOUBLE',
    'a stale owner has written a slice again',
    `insert into hookline.audit_log (decision, topic, kafka_partition, kafka_offset, epoch, guid, digest, dedup_scope, event)
     select decision, topic, kafka_partition, kafka_offset, epoch, guid, digest, dedup_scope, event
       from hookline.audit_log where ${read(13)}`,
    13,
  ],
  ['AUDIT_ORDER', 'an owner of the past has written', `update hookline.audit_log set epoch = 1 where ${read(15)}`, 15],
  [
    'AUDIT_ORDER',
    'records were decided out of order',
    `update hookline.audit_log set kafka_offset = 39 - kafka_offset where kafka_offset in (19) and stage = 'log';
     update hookline.audit_log set kafka_offset = 19 where ${read(18)};
     update hookline.audit_log set kafka_offset = 18 where ${read(20)}`,
    18,
  ],
  ['AUDIT_AHEAD', 'the stored offset was set back', `update hookline.partition_offsets set next_offset = 19`, 19],
  ['EPOCH_AHEAD', 'the row of a partition was restored', `update hookline.partition_offsets set epoch = 1`, 10],
  ['PROCESSED_UNCLAIMED', 'a claim is gone', `delete from hookline.processed_deliveries where kafka_offset = 13`, 13],
  [
    'DUPLICATE_UNCLAIMED',
    'what was claimed twice is gone',
    `delete from hookline.processed_deliveries where kafka_offset = 0`,
    1,
  ],
  [
    'CLAIM_UNREAD',
    'somebody has claimed by hand',
    `update hookline.processed_deliveries set kafka_offset = 2 where kafka_offset = 13`,
    2,
  ],
  [
    'CLAIM_AHEAD',
    'a delivery was claimed before it came',
    `update hookline.processed_deliveries set kafka_offset = 20 where kafka_offset = 13`,
    20,
  ],
  [
    'CLAIM_TWICE',
    'an identity was claimed in two ranges',
    `insert into hookline.processed_deliveries (guid, digest, dedup_scope, event, topic, kafka_partition, kafka_offset, claimed_at)
     select guid, digest, dedup_scope, event, topic, kafka_partition, 14, claimed_at + interval '7 days'
       from hookline.processed_deliveries where kafka_offset = 13`,
    13,
  ],
  [
    'CLAIM_DEAD_WITHOUT_LETTER',
    'what died is gone',
    `delete from hookline.dead_letters where kafka_offset = 6; delete from hookline.dead_deliveries where kafka_offset = 6`,
    6,
  ],
  ['PARKED_LOST', 'what waited is gone', `delete from hookline.lane_deliveries where kafka_offset = 3`, 3],
  ['LANE_COUNTERS', 'a lane counts wrongly', `update hookline.lanes set bytes = bytes + 1`, null],
  ['LANE_COUNTERS', 'a row of a lane is gone', `delete from hookline.lane_deliveries where kafka_offset = 4`, null],
  [
    'LANE_EMPTY',
    'a lane was emptied',
    `delete from hookline.lane_deliveries; update hookline.lanes set records = 0, bytes = 0, head_position = 3`,
    null,
  ],
  ['WAITING_NOWHERE', 'a lane was closed over what waits', `delete from hookline.lanes`, 3],
  ['WAITING_NOWHERE', 'a lane has passed over its head', `update hookline.lanes set head_position = 1, records = 2`, 3],
  [
    'WAITING_UNREAD',
    'a delivery was put into a lane by hand',
    `update hookline.lane_deliveries set kafka_offset = 2 where kafka_offset = 3`,
    2,
  ],
  [
    'WAITING_CLAIMED',
    'what waits was claimed',
    `insert into hookline.processed_deliveries (guid, digest, dedup_scope, event, topic, kafka_partition, kafka_offset)
     select guid, digest, dedup_scope, event, topic, kafka_partition, kafka_offset
       from hookline.lane_deliveries where kafka_offset = 3`,
    3,
  ],
  [
    'RUN_WITHOUT_LETTER',
    'a letter that waits was opened',
    `update hookline.dead_letters set state = 'dead' where kafka_offset = 11`,
    11,
  ],
  ['LETTER_WAITS_NOWHERE', 'a redrive is gone', `delete from hookline.lane_deliveries where run = 'redrive'`, 11],
  [
    'LETTER_UNAUDITED',
    'a letter was written by hand',
    `insert into hookline.dead_deliveries (consumer_group, topic, kafka_partition, incarnation, kafka_offset, appended_at)
     values ('hookline-processor', 'github.deliveries', 3, 1, 13, now());
     insert into hookline.dead_letters (consumer_group, topic, kafka_partition, incarnation, kafka_offset, reason, attempts,
                                        error_fingerprint, error_message)
     values ('hookline-processor', 'github.deliveries', 3, 1, 13, 'undecodable', 0, 'x', 'x')`,
    13,
  ],
  ['LETTER_UNSETTLED', 'a letter was settled without a time', `update hookline.dead_letters set settled_at = null`, 12],
  [
    'LETTER_REOPENED',
    'a letter that was discarded was opened by hand',
    `update hookline.audit_log set decision = 'discarded' where stage = 'operator' and guid = '${guid(12)}'`,
    12,
  ],
  ['DEAD_WITHOUT_LETTER', 'a letter is gone', `delete from hookline.dead_letters where kafka_offset = 6`, 6],
  [
    'DEAD_UNCLAIMED',
    'a claim has forgotten that it is dead',
    `update hookline.processed_deliveries set outcome = 'processed' where kafka_offset = 6`,
    6,
  ],
  ['HELD_LOST', 'what was held is gone', `delete from hookline.held_deliveries`, 7],
  ['HELD_UNREAD', 'a delivery was held by hand', `update hookline.held_deliveries set kafka_offset = 2`, 2],
  [
    'COMMAND_UNAUDITED',
    'the audit has lost a command',
    `update hookline.audit_log set command_id = null where ${read(10)}`,
    10,
  ],
  ['COMMAND_TWICE', 'a command is not kept', `delete from hookline.control_commands`, 10],
  [
    'COMMAND_TWICE',
    'a command was applied twice',
    `update hookline.audit_log set decision = 'applied', command_id = '${COMMAND}' where ${read(9)}`,
    9,
  ],
  ['PARTITION_UNKNOWN', 'the topic was recorded anew', `update hookline.topic_generations set partitions = 3`, 20],
  ['PARTITION_FORGOTTEN', 'the row of a partition is gone', `delete from hookline.partition_offsets`, null],
  ['ACTIVITY_SHORT', 'the projection was restored', `update hookline.repository_activity set deliveries = 6`, 19],
];

describe('what verify finds', () => {
  it('is nothing where nothing is damaged', async () => {
    expect((await foundAfter('select 1')).problems).toEqual([]);
  });

  // What has moved keeps its offset, and names its old log by an incarnation below zero. What died between the moves, or
  // after them, is in the audit under the place that it had by then.
  it('is nothing after what waits has moved with two generations of its topic', async () => {
    const moved = ['lanes', 'lane_deliveries', 'held_deliveries'].map(
      (table) => `update hookline.${table} set topic = 'github.deliveries.g3', kafka_partition = 5`,
    );
    const { problems } = await foundAfter(`
      insert into hookline.former_logs (consumer_group, topic, kafka_partition, former_incarnation, moved_to)
      values ('hookline-processor', 'github.deliveries', 3, 1, 'github.deliveries.g2'),
             ('hookline-processor', 'github.deliveries.g2', 4, -1, 'github.deliveries.g3');
      ${moved.join(';')};
      update hookline.lane_deliveries set incarnation = -2, dead_incarnation = dead_incarnation - 3;
      update hookline.held_deliveries set incarnation = -2;
      update hookline.audit_log set topic = 'github.deliveries.g2', kafka_partition = 4, incarnation = -1
       where stage = 'lane' and kafka_offset = 6;
      update hookline.audit_log set topic = 'github.deliveries.g3', kafka_partition = 5, incarnation = -2
       where stage = 'lane' and kafka_offset = 12;
      alter table hookline.dead_letters disable trigger all;
      alter table hookline.dead_deliveries disable trigger all;
      update hookline.dead_letters set topic = 'github.deliveries.g3', kafka_partition = 5, incarnation = -2;
      update hookline.dead_deliveries set topic = 'github.deliveries.g3', kafka_partition = 5, incarnation = -2`);
    expect(problems).toEqual([]);
  });

  it('is nothing where a human has a partition read again, before it looks and meanwhile', async () => {
    const problems = await transaction(database, {}, async (tx) => {
      let reads = 0;
      const query: Queryable['query'] = async (text, values) => {
        if (text.includes('as disorder') && reads++ === 0) await tx.query(RESUMED);
        return tx.query(text, values);
      };
      const options = { most: 20, commandsSince: new Date(0), onProgress: () => {} };
      const meanwhile = await verifyTables({ query }, options);
      const before = await verifyTables(tx, options);
      return rollback([...meanwhile.problems, ...before.problems]);
    });
    expect(problems).toEqual([]);
  });

  // The projection does not ask for them.
  it('is nothing of the projection where jobs were processed', async () => {
    const { problems } = await foundAfter(`
      update hookline.audit_log set event = 'hookline_job' where kafka_offset = 13;
      update hookline.repository_activity set deliveries = deliveries - 1`);
    expect(problems.filter(({ code }) => code === 'ACTIVITY_SHORT')).toEqual([]);
  });

  it('is no unclaimed death where the identity is claimed under another event', async () => {
    const claimed = (event: string) =>
      foundAfter(
        `update hookline.processed_deliveries set outcome = 'processed', event = ${event} where outcome = 'dead'`,
      );
    const codes = ({ problems }: { problems: Problem[] }) => problems.map(({ code }) => code);
    expect(codes(await claimed('event'))).toContain('DEAD_UNCLAIMED');
    expect(codes(await claimed(`'another'`))).not.toContain('DEAD_UNCLAIMED');
  });

  it.each(DAMAGE)('%s: %s', async (code, _what, sql, offset) => {
    const { problems } = await foundAfter(sql);
    expect(problems.filter((problem) => problem.code === code)).toContainEqual(
      expect.objectContaining({
        code,
        offset: offset === null ? null : BigInt(offset),
        topic: 'github.deliveries',
        partition: 3,
      }),
    );
  });

  // Audit and claims are the largest tables that there are: with one of them read anew for each row of the other, a look at
  // a busy system would take hours.
  it('is found by reading each row a few times, however many there are', async () => {
    const ROWS = 3_000;
    const read = await transaction(database, {}, async (tx) => {
      await tx.query(`
        with added as (
          insert into hookline.audit_log (decision, topic, kafka_partition, kafka_offset, epoch, guid, digest, dedup_scope, event)
          select 'processed', topic, kafka_partition, next_offset + n, epoch, gen_random_uuid(), sha256(n::text::bytea), 'main', 'push'
            from hookline.partition_offsets, generate_series(0, ${ROWS - 1}) as n
          returning guid, digest, dedup_scope, event, topic, kafka_partition, kafka_offset)
        insert into hookline.processed_deliveries (guid, digest, dedup_scope, event, topic, kafka_partition, kafka_offset)
        select * from added;
        update hookline.partition_offsets set next_offset = next_offset + ${ROWS}`);
      const { problems } = await verifyTables(tx, { most: 20, commandsSince: new Date(0), onProgress: () => {} });
      expect(problems).toEqual([]);
      const { rows } = await tx.query<{ read: number }>(
        `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::float as read
           from pg_stat_xact_user_tables where schemaname = 'hookline'`,
      );
      return rollback(rows[0]?.read);
    });
    expect(read).toBeGreaterThan(ROWS);
    expect(read).toBeLessThan(50 * ROWS);
  });

  it('is tried out for every code that there is', () => {
    const codes = [...new Set(DAMAGE.map(([code]) => code)), ...Object.keys(LOG_CODES)];
    expect(codes.toSorted()).toEqual([...CODES.keys()].toSorted());
  });
});
