import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { makeRanges, type Database, type RetentionReport } from '@hookline/database';
import { testDatabase, testStack, testTopic, type StackAddresses, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { clockProblems, unfinished } from './retention-run.ts';
import { runHere } from './testing/run-here.ts';
import { runHookline, type Ran } from './testing/run-hookline.ts';

let stack: StackAddresses;
let own: TestDatabase;
let database: Database;
let topic: string;

beforeAll(async () => {
  [stack, own] = await Promise.all([testStack(), testDatabase()]);
  database = connectTo(own.url);
  topic = await testTopic({ partitions: 1 });
  await makeRanges(database);
});
beforeEach(async () => {
  await database.query('truncate hookline.control_commands');
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

function retention(args: string[], settings: Record<string, string> = {}, run = runHere): Promise<Ran> {
  return run(['retention', 'run', ...args], {
    HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','),
    HOOKLINE_DATABASE_URL: own.url,
    HOOKLINE_TOPIC: topic,
    HOOKLINE_TOPIC_PARTITIONS: '1',
    ...settings,
  });
}

const OLD = 'processed_deliveries_20200106';

function giveOldRange(): Promise<unknown> {
  return database.query(
    `create table if not exists hookline.${OLD} partition of hookline.processed_deliveries
       for values from ('2020-01-06 00:00+00') to ('2020-01-13 00:00+00')`,
  );
}

async function giveCommand(days: number | null): Promise<void> {
  await database.query(
    `insert into hookline.control_commands
            (command_id, consumer_group, topic, kafka_partition, command, target, actor, why, via, requested_at,
             outcome, settled_at)
     values (gen_random_uuid(), 'g', 't', 0, 'hold', '{}', 'ada', 'why', 'table', now() - interval '400 days',
             case when $1::integer is null then null else 'applied' end, now() - $1::integer * interval '1 day')`,
    [days],
  );
}

describe('hookline retention run', () => {
  it('shows what it would remove when it is dry, removes it, and finds nothing the next time', async () => {
    await giveOldRange();
    await giveCommand(100);
    const dry = await retention(['--dry-run']);
    expect(dry.exitCode).toBe(0);
    const rows = dry.stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(rows[0]).toEqual(['TABLE', 'ROWS', 'BYTES', 'WHAT']);
    expect(rows[1]).toEqual([OLD, 'a range', expect.stringMatching(/^\d+$/), 'all before 2020-01-13T00:00:00.000Z']);
    expect(rows[2]?.slice(0, 2)).toEqual(['control_commands', '1']);
    expect(dry.stderr).toContain('Nothing was removed: this is what a run would remove.');

    const wet = await retention([], {}, runHookline);
    expect(wet).toMatchObject({ exitCode: 0, stdout: dry.stdout });
    expect(wet.stderr).toContain(`Dropping ${OLD} …`);
    expect(wet.stderr).toContain('Removed.');
    const again = await retention([]);
    expect(again).toMatchObject({ exitCode: 0, stdout: '' });
    expect(again.stderr).toContain('Nothing is old enough to be removed.');
  });

  it('prints JSON for programs, with what waits and is never removed', async () => {
    await giveOldRange();
    await giveCommand(null);
    const { exitCode, stdout, stderr } = await retention(['--json']);
    expect(exitCode).toBe(0);
    const report = JSON.parse(stdout) as RetentionReport;
    expect(report).toMatchObject({
      dryRun: false,
      ranges: [{ name: OLD, from: '2020-01-06T00:00:00.000Z', dropped: true }],
      deleted: { control_commands: 0 },
      waiting: [{ what: 'open commands', number: 1, since: expect.stringMatching(/Z$/) }],
    });
    expect(stderr).toContain('Never removed: 1 open commands, the oldest since');
  });

  it('does nothing beside another run, says so, and is no failure', async () => {
    await giveCommand(100);
    const holder = await database.acquire();
    await holder.query(`begin; select pg_advisory_xact_lock(hashtext('hookline.retention'))`);
    try {
      const { exitCode, stdout, stderr } = await retention(['--json']);
      expect({ exitCode, answer: JSON.parse(stdout) as unknown }).toEqual({
        exitCode: 0,
        answer: { success: false, reason: 'ALREADY_RUNNING' },
      });
      expect(stderr).toContain('Another run is at work: nothing was done here.');
    } finally {
      holder.release(true);
    }
    const { rows } = await database.query('select from hookline.control_commands');
    expect(rows).toHaveLength(1);
  });

  it.each([
    ['a horizon below the life of the log', { HOOKLINE_HORIZON_MS: '777600000' }, 'HOOKLINE_HORIZON_MS is 777600000'],
    ['an audit that is shorter', { HOOKLINE_AUDIT_RETENTION_MS: '1000' }, 'HOOKLINE_AUDIT_RETENTION_MS is 1000'],
  ])('removes nothing, by %s', async (_, settings, told) => {
    await giveCommand(100);
    const { exitCode, stdout, stderr } = await retention([], settings);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^Nothing was removed:\n {2}- /);
    expect(stderr).toContain(told);
    const { rows } = await database.query('select from hookline.control_commands');
    expect(rows).toHaveLength(1);
  });

  it('removes nothing while it cannot ask Kafka how long the log keeps what', async () => {
    const away = await retention([], { HOOKLINE_KAFKA_BROKERS: '127.0.0.1:1' }, runHookline);
    expect(away.exitCode).toBe(1);
    expect(away.stderr).toContain('KAFKA_UNAVAILABLE');
    const other = await retention([], { HOOKLINE_TOPIC: 'test.nowhere' });
    expect(other.exitCode).toBe(1);
    expect(other.stderr).toContain('TOPIC_MISSING: Topic test.nowhere does not exist in Kafka');
  });

  it('fails, and says what is in use, where something old could not be removed', async () => {
    await database.query(
      `insert into hookline.dead_deliveries
              (consumer_group, topic, kafka_partition, incarnation, kafka_offset, appended_at)
       values ('g', 't', 3, 1, 1, now() - interval '1 year')`,
    );
    await database.query(
      `insert into hookline.partition_offsets (consumer_group, topic, kafka_partition, next_offset, epoch, owner)
       values ('g', 't', 3, 2, 1, 'an owner')`,
    );
    const slice = await database.acquire();
    await slice.query('begin; select from hookline.partition_offsets for update');
    try {
      const { exitCode, stderr } = await retention([]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain('Partition 3 of t was busy: its dead letters are looked at by the next run.');
    } finally {
      slice.release(true);
    }
  });
});

describe('unfinished', () => {
  const range = { table: 'audit_log', name: 'audit_log_20200106', from: 0, to: 1, bytes: 0, state: 'pending' } as const;

  it('is a range that is still looked into, and nothing of a run that was dry', () => {
    const report = { dryRun: false, ranges: [{ ...range, dropped: false }], busy: [] };
    expect(unfinished(report)).toEqual([expect.stringContaining('audit_log_20200106 is in use')]);
    expect(unfinished({ ...report, dryRun: true })).toEqual([]);
    expect(unfinished({ ...report, ranges: [{ ...range, dropped: true }] })).toEqual([]);
  });
});

// A clock that was set forward makes all that is young look old, and what is dropped is gone.
describe('clockProblems', () => {
  it('finds nothing wrong with clocks that differ by less than an hour', () => {
    expect([0, 3_600_000, -3_600_000].flatMap(clockProblems)).toEqual([]);
  });

  it('refuses a database that is ahead, or behind', () => {
    expect(clockProblems(3_660_000)).toEqual([expect.stringContaining('61 minutes ahead of this machine')]);
    expect(clockProblems(-3_660_000)).toEqual([expect.stringContaining("61 minutes behind this machine's")]);
  });
});
