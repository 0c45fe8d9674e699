import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfig, retentionOptions } from '@hookline/runtime';
import type { Database } from '../database.ts';
import { makeRanges } from '../make-ranges.ts';
import { writeOutbox } from '../outbox/write-outbox.ts';
import { giveDead } from '../testing/dead.ts';
import { effect } from '../testing/effects.ts';
import { createGate } from '../testing/gate.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { fenceOf, givePartition, PLACE } from '../testing/partitions.ts';
import { attachedRanges, givePastRange, rangeName, WEEK_MS, weekOf } from '../testing/past-ranges.ts';
import { commit, transaction } from '../transaction.ts';
import { readClock } from './read-clock.ts';
import { runRetention, type RetentionReport, type RetentionRun } from './run-retention.ts';

const read = readConfig(retentionOptions, {});
if (!read.success) throw new Error(read.errors.join('\n'));
const keep = read.config;

const database = ownDatabase();
let thisWeek: number;

beforeAll(async () => {
  thisWeek = weekOf(await readClock(database));
});
beforeEach(async () => {
  await database.query(
    `truncate hookline.dead_letters, hookline.dead_deliveries, hookline.lane_deliveries, hookline.held_deliveries,
              hookline.control_commands, hookline.partition_commands, hookline.partition_offsets, hookline.outbox`,
  );
  for (const table of ['processed_deliveries', 'audit_log', 'settled_effects'] as const) {
    for (const name of await attachedRanges(database, table)) await database.query(`drop table hookline.${name}`);
  }
  await makeRanges(database);
  await givePartition(database, fenceOf(1n));
});

async function run(given: Partial<RetentionRun> = {}): Promise<RetentionReport> {
  const report = await runRetention(database, {
    keep,
    dryRun: false,
    waitMs: 30_000,
    batch: 2,
    progress: () => {},
    ...given,
  });
  if (!report.success) throw new Error(report.reason);
  return report;
}

async function count(table: string, where = 'true'): Promise<number> {
  const { rows } = await database.query<{ n: string }>(`select count(*) as n from hookline.${table} where ${where}`);
  return Number(rows[0]?.n);
}

async function giveClaim(
  { guid, digest }: { guid: string; digest: Buffer },
  weeks: number,
  outcome = 'dead',
  offset = 0n,
): Promise<void> {
  await database.query(
    `insert into hookline.processed_deliveries
            (guid, digest, dedup_scope, event, topic, kafka_partition, kafka_offset, outcome, claimed_at)
     values ($1, $2, 'main', 'issues', $3, $4, $5, $6, $7)`,
    [guid, digest, PLACE.topic, PLACE.partition, offset, outcome, new Date(thisWeek - weeks * WEEK_MS + 1000)],
  );
}

describe('a retention run', () => {
  it('makes ranges ahead, and drops those of each table that are behind its own horizon', async () => {
    for (const weeks of [1, 2, 3, 4, 20]) {
      await givePastRange(database, 'processed_deliveries', thisWeek - weeks * WEEK_MS);
      await givePastRange(database, 'audit_log', thisWeek - weeks * WEEK_MS);
    }
    const missing = rangeName('audit_log', thisWeek + 2 * WEEK_MS);
    await database.query(`drop table hookline.${missing}`);
    const progress: string[] = [];
    const { made, ranges } = await run({ progress: (text) => progress.push(text) });
    expect(made).toEqual([missing]);
    const names = (weeks: number[]) => weeks.map((n) => rangeName('processed_deliveries', thisWeek - n * WEEK_MS));
    const gone = [...names([20, 4, 3]), rangeName('audit_log', thisWeek - 20 * WEEK_MS)];
    const dropped = ranges.filter(({ to }) => to <= thisWeek - 2 * WEEK_MS);
    expect(dropped.map(({ name }) => name)).toEqual(gone);
    expect(ranges.every((range) => range.dropped)).toBe(true);
    expect(progress).toEqual(ranges.map(({ name }) => `Dropping ${name} …`));
    const left = await attachedRanges(database, 'processed_deliveries');
    expect(left).toEqual(expect.arrayContaining(names([1])));
    expect(left).not.toEqual(expect.arrayContaining(names([3])));
    expect(await attachedRanges(database, 'audit_log')).toContain(rangeName('audit_log', thisWeek - 4 * WEEK_MS));
  });

  it('forgets settled effects with the deliveries that they are of, or sooner', async () => {
    for (const weeks of [1, 2, 3, 4]) await givePastRange(database, 'settled_effects', thisWeek - weeks * WEEK_MS);
    const names = (weeks: number[]) => weeks.map((n) => rangeName('settled_effects', thisWeek - n * WEEK_MS));
    const old = async (effectRetentionMs: number) => {
      const { ranges } = await run({ dryRun: true, keep: { ...keep, effectRetentionMs }, at: new Date(thisWeek) });
      return ranges.map(({ name }) => name);
    };
    expect(await old(0)).toEqual(names([4, 3]));
    expect(await old(WEEK_MS)).toEqual(names([4, 3, 2]));
  });

  it('tells how many effects are not settled, and removes none', async () => {
    const asked = ['a', 'b', 'c'].map((name) => effect(name));
    await writeOutbox(database, fenceOf(1n), asked);
    await database.query(
      `update hookline.outbox set created_at = now() - interval '1 year',
              state = case effect_key when 'a' then 'dead' else state end,
              reason = case effect_key when 'a' then 'refused' end`,
    );
    const { waiting } = await run();
    expect(waiting.map(({ what, number }) => [what, number])).toEqual([
      ['effects to be sent', 2],
      ['dead effects', 1],
    ]);
    expect(await count('outbox')).toBe(3);
  });

  it('changes nothing when it is dry, and says what another one would do', async () => {
    await givePastRange(database, 'processed_deliveries', thisWeek - 4 * WEEK_MS);
    await giveDead(database, { offset: 1n, letters: [{ state: 'discarded', settled: 31 }] });
    await giveCommand({ settled: 91 });
    const dry = await run({ dryRun: true });
    expect(dry.ranges).toEqual([expect.objectContaining({ dropped: false })]);
    expect(dry.deleted).toEqual({
      dead_deliveries: 1,
      dead_letters: 1,
      held_deliveries: 0,
      control_commands: 1,
      partition_commands: 0,
      subject_times: 0,
    });
    const wet = await run();
    expect(wet.deleted).toEqual(dry.deleted);
    expect(wet.ranges.map(({ name }) => name)).toEqual(dry.ranges.map(({ name }) => name));
    expect((await run()).deleted).toEqual({
      dead_deliveries: 0,
      dead_letters: 0,
      held_deliveries: 0,
      control_commands: 0,
      partition_commands: 0,
      subject_times: 0,
    });
  });

  it('is one at a time: the second does nothing, and says so', async () => {
    const [begun, proceed] = [createGate(), createGate()];
    await givePastRange(database, 'audit_log', thisWeek - 20 * WEEK_MS);
    const stopped: Database = {
      ...database,
      async query(text, values) {
        if (text.startsWith('comment')) {
          begun.open();
          await proceed.opened;
        }
        return database.query(text, values);
      },
    };
    const options = { keep, dryRun: false, waitMs: 30_000, batch: 2, progress: () => {} };
    const first = runRetention(stopped, options);
    await begun.opened;
    expect(await runRetention(database, options)).toEqual({ success: false, reason: 'ALREADY_RUNNING' });
    proceed.open();
    expect(await first).toMatchObject({ success: true, ranges: [{ dropped: true }] });
  });

  it('says which range is in use, and goes on with the rest', async () => {
    await givePastRange(database, 'processed_deliveries', thisWeek - 4 * WEEK_MS);
    await giveCommand({ settled: 91 });
    await transaction(database, {}, async (tx) => {
      await tx.query('select count(*) from hookline.processed_deliveries');
      const { ranges, deleted } = await run({ waitMs: 100 });
      expect(ranges).toEqual([expect.objectContaining({ dropped: false })]);
      expect(deleted.control_commands).toBe(1);
      return commit(null);
    });
    expect((await run()).ranges).toEqual([expect.objectContaining({ state: 'pending', dropped: true })]);
  });
});

// A delivery whose dead letter is open is not done. Were its claim forgotten, a redelivery would run every handler, those
// that succeeded too, and the dead letter, redriven afterwards, would run the dead one a second time.
describe('the claim of a dead delivery', () => {
  it('outlives its range while a letter of it is open, and goes with its range when all are settled', async () => {
    const old = await givePastRange(database, 'processed_deliveries', thisWeek - 4 * WEEK_MS);
    const open = await giveDead(database, {
      offset: 1n,
      letters: [{ state: 'redriven', settled: 9 }, { state: 'dead' }],
    });
    const waiting = await giveDead(database, { offset: 2n, letters: [{ state: 'waiting' }] });
    const settled = await giveDead(database, { offset: 3n, letters: [{ state: 'discarded', settled: 9 }] });
    const processed = { guid: randomUUID(), digest: open.digest };
    await giveClaim(open, 4, 'dead', 1n);
    await giveClaim(waiting, 4, 'dead', 2n);
    await giveClaim(settled, 4, 'dead', 3n);
    await giveClaim(processed, 4, 'processed');
    expect(await run()).toMatchObject({ keptDeadClaims: 2, ranges: [{ name: old, dropped: true }] });
    const { rows } = await database.query(
      `select guid, outcome, event, kafka_offset from hookline.processed_deliveries order by kafka_offset`,
    );
    expect(rows).toEqual([
      { guid: open.guid, outcome: 'dead', event: 'issues', kafka_offset: '1' },
      { guid: waiting.guid, outcome: 'dead', event: 'issues', kafka_offset: '2' },
    ]);
  });

  it('is not claimed a third time when the run before was interrupted', async () => {
    await givePastRange(database, 'processed_deliveries', thisWeek - 4 * WEEK_MS);
    const open = await giveDead(database, { offset: 1n, letters: [{ state: 'dead' }] });
    await giveClaim(open, 4);
    const killed: Database = {
      ...database,
      query: (text, values) =>
        text.startsWith('comment') ? Promise.reject(new Error('killed')) : database.query(text, values),
    };
    const options = { keep, dryRun: false, waitMs: 30_000, batch: 2, progress: () => {} };
    await expect(runRetention(killed, options)).rejects.toThrow('killed');
    expect(await count('processed_deliveries')).toBe(2);
    expect(await run()).toMatchObject({ keptDeadClaims: 0 });
    expect(await count('processed_deliveries')).toBe(1);
  });
});

describe('dead letters', () => {
  it('go with their delivery, once all of it was settled long ago, in batches', async () => {
    const settled = [{ state: 'redriven', settled: 31 } as const, { state: 'discarded', settled: 40 } as const];
    for (const offset of [1n, 2n, 3n, 4n, 5n]) await giveDead(database, { offset, letters: settled });
    await giveDead(database, { offset: 6n, letters: [{ state: 'redriven', settled: 31 }, { state: 'dead' }] });
    await giveDead(database, { offset: 7n, letters: [{ state: 'waiting' }] });
    await giveDead(database, { offset: 8n, letters: [{ state: 'discarded', settled: 29 }] });
    await giveDead(database, { offset: 9n, letters: [] });
    await giveDead(database, { offset: 10n, letters: [], appended: 29 });
    expect((await run()).deleted).toMatchObject({ dead_deliveries: 6, dead_letters: 10 });
    const { rows } = await database.query<{ offset: string }>(
      'select kafka_offset as offset from hookline.dead_deliveries order by 1',
    );
    expect(rows.map(({ offset }) => offset)).toEqual(['6', '7', '8', '10']);
    expect(await count('dead_letters')).toBe(4);
  });

  it('are kept where one of them says that it is settled, and not since when', async () => {
    await giveDead(database, { offset: 1n, letters: [{ state: 'redriven', settled: 31 }, { state: 'redriven' }] });
    expect((await run()).deleted).toMatchObject({ dead_deliveries: 0, dead_letters: 0 });
  });

  it('go, too, where they are of a former topic generation', async () => {
    await giveDead(database, { offset: 1n, incarnation: -2, letters: [{ state: 'discarded', settled: 31 }] });
    expect((await run()).deleted).toMatchObject({ dead_deliveries: 1, dead_letters: 1 });
  });

  it('are kept while a lane has something to run of them', async () => {
    await giveDead(database, { offset: 1n, letters: [{ state: 'discarded', settled: 31 }] });
    await database.query(
      `insert into hookline.lane_deliveries
              (consumer_group, topic, kafka_partition, ordering_key, position, incarnation, kafka_offset, appended_at,
               source, dedup_scope, guid, digest, event, received_at, headers, secret_label, body, body_encoding,
               body_bytes, run, dead_incarnation, dead_offset, dead_handlers)
       select consumer_group, topic, kafka_partition, ordering_key, 0, 1, 99, now(), source, dedup_scope, guid, digest,
              event, now(), '{}', 'current', body, body_encoding, 1, 'redrive', 1, 1, '{}'
         from hookline.dead_deliveries`,
    );
    expect((await run()).deleted.dead_deliveries).toBe(0);
    await database.query('delete from hookline.lane_deliveries');
    expect((await run()).deleted.dead_deliveries).toBe(1);
  });

  it('wait for the slice of their partition, and are left for the next run where it takes long', async () => {
    await giveDead(database, { offset: 1n, letters: [{ state: 'discarded', settled: 31 }] });
    await transaction(database, {}, async (slice) => {
      await slice.query('select from hookline.partition_offsets for update');
      expect(await run()).toMatchObject({ busy: [PLACE], deleted: { dead_deliveries: 0 } });
      return commit(null);
    });
    expect(await run()).toMatchObject({ busy: [], deleted: { dead_deliveries: 1 } });
  });
});

describe('held deliveries', () => {
  // Until then the log could be read again, and what was counted must not be held once more.
  it('go when they were decided, and came last, longer than the horizon ago, and never while they are held', async () => {
    await giveHeld({ state: 'released', settled: 15, came: 15 });
    await giveHeld({ state: 'discarded', settled: 15, came: 40 });
    await giveHeld({ state: 'discarded', settled: 400, came: 400 });
    await giveHeld({ state: 'discarded', settled: 13, came: 40 });
    await giveHeld({ state: 'discarded', settled: 40, came: 13 });
    await giveHeld({ state: 'held', settled: null, came: 400 });
    expect((await run({ dryRun: true })).deleted.held_deliveries).toBe(3);
    expect(await count('held_deliveries')).toBe(6);
    expect((await run()).deleted.held_deliveries).toBe(3);
    expect(
      await count(
        'held_deliveries',
        `state = 'held' or greatest(settled_at, last_arrival_at) > now() - interval '14 days'`,
      ),
    ).toBe(3);
    expect(await count('held_deliveries')).toBe(3);
  });

  it('wait for the slice of their partition, and are left for the next run where it takes long', async () => {
    await giveHeld({ state: 'discarded', settled: 15, came: 15 });
    await transaction(database, {}, async (slice) => {
      await slice.query('select from hookline.partition_offsets for update');
      expect(await run()).toMatchObject({ busy: [PLACE], deleted: { held_deliveries: 0 } });
      return commit(null);
    });
    expect(await run()).toMatchObject({ busy: [], deleted: { held_deliveries: 1 } });
  });
});

/** `settled`, `came`: days ago. */
async function giveHeld({ state, settled, came }: { state: string; settled: number | null; came: number }) {
  await database.query(
    `insert into hookline.held_deliveries
            (consumer_group, topic, kafka_partition, dedup_scope, digest, event, reason, known_guid, known_event, state,
             incarnation, kafka_offset, appended_at, seen_incarnation, seen_offset, ordering_key, source, guid,
             received_at, headers, secret_label, settled_at, last_arrival_at)
     values ($1, $2, $3, 'main', sha256($4), 'push', 'suspected-replay', gen_random_uuid(), 'push', $5, 1, 1, now(), 1, 1,
             'k', 'main', gen_random_uuid(), now(), '{}', 'current', now() - $6 * interval '1 day',
             now() - $7 * interval '1 day')`,
    [PLACE.consumerGroup, PLACE.topic, PLACE.partition, randomUUID(), state, settled, came],
  );
}

describe('commands', () => {
  it('are kept while they are open, and for their retention from when they were settled', async () => {
    for (const settled of [91, 92, 93, 89, null]) await giveCommand({ settled, requested: 200 });
    await database.query(
      `insert into hookline.partition_commands
              (command_id, consumer_group, topic, kafka_partition, command, resume_from, decided_reason, actor, why,
               requested_at, outcome, settled_at)
       select gen_random_uuid(), 'g', 't', 0, 'resume', 'stored', 'r', 'ada', 'why', now() - interval '200 days', outcome,
              case when outcome is not null then now() - interval '100 days' end
         from unnest(array['applied', null]) as outcome`,
    );
    expect((await run()).deleted).toMatchObject({ control_commands: 3, partition_commands: 1 });
    expect(await count('control_commands')).toBe(2);
    expect(await count('partition_commands', 'outcome is null')).toBe(1);
  });

  it('that somebody has locked are left for the next run, and hold up nothing', async () => {
    for (const settled of [91, 92, 93]) await giveCommand({ settled, requested: 200 });
    await transaction(database, {}, async (tx) => {
      await tx.query('select from hookline.control_commands order by settled_at limit 1 for update');
      expect((await run()).deleted.control_commands).toBe(2);
      return commit(null);
    });
    expect((await run()).deleted.control_commands).toBe(1);
  });
});

describe('what waits', () => {
  it('is never removed, however old: it is told', async () => {
    expect((await run()).waiting).toEqual([]);
    await giveDead(database, { offset: 1n, letters: [{ state: 'dead' }] });
    await giveCommand({ settled: null, requested: 400 });
    await database.query(
      `insert into hookline.held_deliveries
              (consumer_group, topic, kafka_partition, dedup_scope, digest, event, reason, known_guid, known_event,
               incarnation, kafka_offset, appended_at, seen_incarnation, seen_offset, ordering_key, source, guid,
               received_at, headers, secret_label, body, body_encoding, body_bytes, held_at)
       values ('g', 't', 0, 'main', sha256('x'), 'push', 'suspected-replay', gen_random_uuid(), 'push', 1, 1, now(), 1, 1,
               'k', 'main', gen_random_uuid(), now(), '{}', 'current', 'x', 'identity', 1, now() - interval '400 days')`,
    );
    const { waiting, deleted } = await run();
    expect(waiting.map(({ what, number }) => [what, number])).toEqual([
      ['open dead letters', 1],
      ['held deliveries', 1],
      ['open commands', 1],
    ]);
    expect(waiting[1]?.since).toBeLessThan(Date.now() - 399 * 24 * 3_600_000);
    expect(deleted).toMatchObject({ dead_deliveries: 0, control_commands: 0 });
    expect(await count('held_deliveries')).toBe(1);
  });
});

async function giveCommand({
  settled,
  requested = 300,
}: {
  settled: number | null;
  requested?: number;
}): Promise<void> {
  await database.query(
    `insert into hookline.control_commands
            (command_id, consumer_group, topic, kafka_partition, command, target, actor, why, via, requested_at,
             outcome, settled_at)
     values (gen_random_uuid(), 'g', 't', 0, 'hold', '{}', 'ada', 'why', 'table', now() - $2 * interval '1 day',
             case when $1::integer is null then null else 'applied' end, now() - $1::integer * interval '1 day')`,
    [settled, requested],
  );
}
