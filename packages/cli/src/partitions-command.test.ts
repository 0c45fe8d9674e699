import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  makeRanges,
  readCommand,
  readHalts,
  resumePartition,
  takeOverPartition,
  writeHalt,
  type Database,
  type Takeover,
} from '@hookline/database';
import { testDatabase, testStack, testTopic, type StackAddresses, type TestDatabase } from '@hookline/local-stack';
import { aDelivery, appendDeliveries, connectTo, until } from '@hookline/test-support';
import type { PartitionList } from './partitions-list.ts';
import { runHere } from './testing/run-here.ts';
import { runHookline, type Ran } from './testing/run-hookline.ts';

const AWAY = { kafka: '127.0.0.1:1', database: 'postgres://u:hunter2@127.0.0.1:1/n' };
const GROUP = 'cli-test';
let stack: StackAddresses;
let own: TestDatabase;
let database: Database;
let topic: string;
let place: { consumerGroup: string; topic: string; partition: number };

beforeAll(async () => {
  [stack, own] = await Promise.all([testStack(), testDatabase()]);
  database = connectTo(own.url);
  await makeRanges(database);
});
beforeEach(async () => {
  topic = await testTopic({ partitions: 1 });
  place = { consumerGroup: GROUP, topic, partition: 0 };
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

function partitions(args: string[], settings: Record<string, string> = {}, run = runHere): Promise<Ran> {
  return run(['partitions', ...args], {
    HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','),
    HOOKLINE_DATABASE_URL: own.url,
    HOOKLINE_TOPIC: topic,
    HOOKLINE_TOPIC_PARTITIONS: '1',
    HOOKLINE_CONSUMER_GROUP: GROUP,
    ...settings,
  });
}

const LOG = { start: 0n, end: 20n, committed: null };

/** Halts the partition at an offset below which the log has 20 records, as an owner that is gone since. */
async function halted(reason: string, nextOffset = 30n): Promise<Takeover> {
  await appendDeliveries(
    stack,
    { topic, partitions: 1 },
    Array.from({ length: 20 }, () => aDelivery()),
  );
  const taken = (await takeOverPartition(database, place, 'an owner', nextOffset)) as Takeover;
  const halt = { reason, detail: 'Something was lost.', nextOffset, owner: 'an owner' };
  const bounds = { logStart: LOG.start, logEnd: LOG.end, committed: LOG.committed };
  await writeHalt(database, place, { ...halt, ...bounds, epoch: taken.fence.epoch });
  return taken;
}

/** What the owner does when it looks, as soon as there is something to see. */
async function applyAs({ fence }: Takeover): Promise<void> {
  const command = await until('the command', async () => (await readCommand(database, place)) ?? undefined);
  await resumePartition(database, place, command.commandId, { owner: 'an owner', epoch: fence.epoch, log: LOG });
}

const RESUME = ['resume', '0', '--from', 'log-start', '--why', 'the topic was made anew', '--as', 'ada'];

describe('hookline partitions list', () => {
  it('shows a partition that nobody has ever had', async () => {
    const { exitCode, stdout } = await partitions(['list', '--json']);
    expect(exitCode).toBe(0);
    expect((JSON.parse(stdout) as PartitionList).partitions).toEqual([
      expect.objectContaining({
        partition: 0,
        state: 'unassigned',
        logEnd: '0',
        nextOffset: null,
        owner: null,
        lanes: 0,
      }),
    ]);
  });

  it('shows a halted partition with its reason and offsets, for people and for programs', async () => {
    const { fence } = await halted('LOG_TOO_SHORT');
    const { exitCode, stdout, stderr } = await partitions(['list'], {}, runHookline);
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['PARTITION', 'STATE', 'NEXT', 'LOG START', 'LOG END', 'LAG', 'COMMITTED', 'LANES', 'WAITING', 'EPOCH', 'OWNER'],
      ['', '0', 'halted', '30', '0', '20', '0', '-', '0', '0', String(fence.epoch), 'an owner'],
      [''],
    ]);
    expect(stderr).toMatch(/Partition 0 is halted since .* by LOG_TOO_SHORT: Something was lost\. No processor has it/);
    const { partitions: rows } = JSON.parse((await partitions(['list', '--json'])).stdout) as PartitionList;
    expect(rows).toMatchObject([{ state: 'halted', reason: 'LOG_TOO_SHORT', assigned: false, nextOffset: '30' }]);
  });

  it('takes a halt from before the last takeover for none: its new owner is looking again', async () => {
    await halted('LOG_TOO_SHORT');
    await takeOverPartition(database, place, 'another', null);
    expect((await partitions(['list'])).stdout).toContain('unassigned');
  });

  it('shows what it knows without Kafka, and says what it could not ask', async () => {
    await halted('LOG_TOO_SHORT');
    const { exitCode, stdout, stderr } = await partitions(['list'], { HOOKLINE_KAFKA_BROKERS: AWAY.kafka });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/halted +30 +- +-/);
    expect(stderr).toContain(`Kafka could not be asked about ${topic}: No Kafka broker answers at 127.0.0.1:1`);
  });

  it('shows what it knows without the database, and says what it could not ask', async () => {
    const { exitCode, stdout, stderr } = await partitions(['list'], { HOOKLINE_DATABASE_URL: AWAY.database });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/unassigned +- +0 +0/);
    expect(stderr).toContain('The database at postgres://u:***@127.0.0.1:1/n cannot be used');
  });

  it('shows nothing where nobody can be asked', async () => {
    const away = { HOOKLINE_DATABASE_URL: AWAY.database, HOOKLINE_KAFKA_BROKERS: AWAY.kafka };
    const { exitCode, stdout, stderr } = await partitions(['list'], away, runHookline);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/Kafka could not be asked[^]*The database at/);
  });
});

describe('hookline partitions resume', () => {
  it('shows what will happen, writes the decision on the state that it saw, and prints what became of it', async () => {
    const taken = await halted('LOG_TOO_SHORT');
    const running = partitions([...RESUME, '--yes', '--json'], {}, runHookline);
    await applyAs(taken);
    const { exitCode, stdout, stderr } = await running;
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      partition: 0,
      outcome: 'applied',
      detail: expect.stringContaining('to 0'),
    });
    expect(stderr).toContain('It would go on from offset 0:');
    expect(stderr).toContain('Then to be read: 20 records, offsets 0 to 19.');
    expect(stderr).toContain('Decided by ada: the topic was made anew');
    expect(await readHalts(database, place)).toEqual([]);
    const { rows } = await database.query('select decision, actor, detail from hookline.audit_log where topic = $1', [
      topic,
    ]);
    expect(rows).toEqual([
      { decision: 'resumed', actor: 'ada', detail: expect.stringContaining('the topic was made anew') },
    ]);
  });

  it('says that it was refused, when the partition was in another state by then', async () => {
    const taken = await halted('LOG_TOO_SHORT');
    const running = partitions([...RESUME, '--yes']);
    await until('the command', async () => (await readCommand(database, place)) ?? undefined);
    await database.query(`update hookline.partition_halts set reason = 'LOG_DIFFERS' where topic = $1`, [topic]);
    await applyAs(taken);
    const { exitCode, stderr } = await running;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /Refused, and nothing was changed: Decided on LOG_TOO_SHORT at offset 30, but .* LOG_DIFFERS/,
    );
  });

  // With every processor down it is still a decision, and the owner finds it.
  it('writes a decision that nobody is there to apply, says so, and does not take a second one', async () => {
    await halted('LOG_TOO_SHORT');
    const { exitCode, stdout, stderr } = await partitions([...RESUME, '--yes', '--wait', '1', '--json']);
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'pending' });
    expect(stderr).toContain('No processor has the partition now: its owner applies it as soon as it is there');
    const again = await partitions([...RESUME, '--yes']);
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain('A decision of ada (the topic was made anew) waits already');
  });

  it('does not wait when told not to, and takes the actor from the environment', async () => {
    await halted('LOG_TOO_SHORT');
    const args = ['resume', '0', '--from', '5', '--why', 'w', '--yes', '--wait', '0'];
    expect((await partitions(args, { HOOKLINE_ACTOR: 'grace' })).exitCode).toBe(0);
    expect(await readCommand(database, place)).toMatchObject({
      actor: 'grace',
      resume: { from: 'offset', offset: 5n },
    });
  });

  it('names the user of the system at this host where nobody is named', async () => {
    await halted('LOG_TOO_SHORT');
    await partitions(['resume', '0', '--from', '5', '--why', 'w', '--yes', '--wait', '0']);
    expect((await readCommand(database, place))?.actor).toMatch(/^.+@.+$/);
  });

  it('does nothing unconfirmed: without a terminal it says what to add', async () => {
    await halted('LOG_TOO_SHORT');
    const { exitCode, stderr } = await partitions(RESUME, {}, runHookline);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('It would go on from offset 0');
    expect(stderr).toContain('Add --yes');
    expect(await readCommand(database, place)).toBeNull();
  });

  it('refuses a partition that is not halted', async () => {
    const { exitCode, stderr } = await partitions([...RESUME, '--yes']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`Partition 0 of ${topic} is not halted`);
  });

  it('refuses a choice that does not fit the reason, and an offset that is not in the log', async () => {
    await halted('LOG_TOO_SHORT');
    for (const [from, told] of [
      ['stored', 'use --from log-start or --from <offset>'],
      ['21', 'which has 0 to 20'],
    ] as const) {
      const { exitCode, stderr } = await partitions(['resume', '0', '--from', from, '--why', 'w', '--yes']);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(told);
    }
    expect(await readCommand(database, place)).toBeNull();
  });

  it('decides without Kafka where it must, and says what is not known', async () => {
    await halted('LOG_TOO_SHORT');
    const away = { HOOKLINE_KAFKA_BROKERS: AWAY.kafka };
    const { exitCode, stderr } = await partitions([...RESUME, '--yes', '--wait', '0'], away);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('It would go on from where the log begins');
    expect(stderr).toContain('what is skipped and what is read again is not known');
  });

  it('tells that the database is away', async () => {
    const { exitCode, stderr } = await partitions([...RESUME, '--yes'], { HOOKLINE_DATABASE_URL: AWAY.database });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^DATABASE_UNAVAILABLE: /);
  });

  it.each([
    [['resume', 'x', '--from', '1', '--why', 'w'], 'It must be a number'],
    [['resume', '0', '--from', 'here', '--why', 'w'], 'It must be stored, log-start, or an offset'],
    [['resume', '0', '--from', '1'], "required option '--why <text>' not specified"],
    [['resume', '0', '--from', '1', '--why', ' '], 'It must be a reason'],
    [['resume', '0', '--from', '1', '--why', 'w', '--wait', 'long'], 'It must be whole seconds'],
  ])('refuses %j as wrongly typed', async (args, told) => {
    const { exitCode, stderr } = await partitions(args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(told);
  });
});
