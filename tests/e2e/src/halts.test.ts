import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createKafka, readLogBounds } from '@hookline/kafka';
import { createLogger } from '@hookline/runtime';
import { deleteRecords, recreateTopic, until, type ServiceProcess } from '@hookline/test-support';
import { LOST, OTHER, startTwoPartitions, type TwoPartitions } from './system/two-partitions.ts';

let system: TwoPartitions;

beforeEach(async () => {
  system = await startTwoPartitions();
});
afterEach(() => system.stop());

const range = (incarnation: number, from: number, to: number, decision = 'processed') =>
  Array.from({ length: to - from }, (_, i) => `${incarnation}:${from + i} ${decision}`);

/** What every resume comes to: it is applied, told, and audited once. */
async function expectResumed(from: string, effect: RegExp): Promise<void> {
  const { code, stderr } = await system.resume(from);
  expect(stderr).toMatch(effect);
  expect(stderr).toContain('Applied.');
  expect(code).toBe(0);
  const { decided, detail } = await system.commands();
  expect(decided).toEqual(['resumed ada']);
  expect(detail).toContain('a test');
}

/** Nothing that was lost beside it holds up a partition. */
async function expectOtherGoesOn(decided: number): Promise<void> {
  await system.append(OTHER, 3);
  await system.untilDecided(OTHER, decided + 3);
}

// I8: lost data is never guessed about. The partition halts, the other one goes on, and a human decides.
describe('a partition whose data was lost', () => {
  it('halts when its topic was made anew, and begins the new log when told to', async () => {
    await system.append(LOST, 10);
    const processor = system.startProcessor();
    await system.untilDecided(LOST, 10);
    await processor.stop();
    await recreateTopic(system.stack.brokers, system);

    system.startProcessor();
    expect(await system.untilHalted('LOG_TOO_SHORT')).toMatchObject({ partition: LOST, nextOffset: 10n, logEnd: 0n });
    await expectOtherGoesOn(0);
    await system.append(LOST, 4);
    await expectResumed('log-start', /Then to be read: 4 records, offsets 0 to 3/);
    await system.untilDecided(LOST, 14);
    expect(await system.decisions()).toEqual([...range(1, 0, 10), ...range(2, 0, 4)]);
  }, 240_000);

  // Its offsets look like old records: without the witness the first ones would be skipped without a word.
  it('halts when its topic was made anew and filled past where it stopped, and skips nothing of it', async () => {
    await system.append(LOST, 5);
    const processor = system.startProcessor();
    await system.untilDecided(LOST, 5);
    await processor.stop();
    await recreateTopic(system.stack.brokers, system);
    await system.append(LOST, 8);

    system.startProcessor();
    expect(await system.untilHalted('LOG_DIFFERS')).toMatchObject({ partition: LOST, nextOffset: 5n });
    await expectOtherGoesOn(0);
    await expectResumed('log-start', /another one than before/);
    await system.untilDecided(LOST, 13);
    expect(await system.decisions()).toEqual([...range(1, 0, 5), ...range(2, 0, 8)]);
  }, 240_000);

  it('halts when records have expired unread, and goes on behind the hole when told to', async () => {
    await system.processed(5);
    await system.append(LOST, 10);
    await deleteRecords(system.stack.brokers, { topic: system.topic, partition: LOST, before: 9n });

    system.startProcessor();
    expect(await system.untilHalted('LOG_EXPIRED')).toMatchObject({ nextOffset: 5n, logStart: 9n, logEnd: 15n });
    await expectOtherGoesOn(5);
    const listed = await system.hookline('partitions', 'list');
    expect(listed.stdout).toMatch(/0 +halted +5 +9 +15 +10/);
    expect(listed.stdout).toMatch(/1 +reading/);
    expect((await system.resume('stored')).code).toBe(1);
    await expectResumed('log-start', /Gone from the log, and never processed: 4 records, offsets 5 to 8/);
    await system.untilDecided(LOST, 11);
    expect(await system.decisions()).toEqual([...range(1, 0, 5), ...range(1, 9, 15)]);
  }, 240_000);

  it('does not halt when all that has expired was processed', async () => {
    await system.processed(5);
    await deleteRecords(system.stack.brokers, { topic: system.topic, partition: LOST, before: 5n });
    const processor = system.startProcessor();
    await processor.logged('took the partition over', { partition: LOST });
    await system.append(LOST, 3);
    await system.untilDecided(LOST, 8);
    expect(await system.decisions()).toEqual(range(1, 0, 8));
  }, 240_000);

  it('halts when the database knows nothing of it and the group does', async () => {
    await system.processed(5);
    await system.append(LOST, 2);
    await system.database.query('delete from hookline.partition_offsets where kafka_partition = $1', [LOST]);

    system.startProcessor();
    expect(await system.untilHalted('DATABASE_WITHOUT_OFFSET')).toMatchObject({ nextOffset: null, committed: 5n });
    await expectOtherGoesOn(5);
    expect((await system.resume('stored')).stderr).toContain('use --from log-start or --from <offset>');
    await expectResumed('log-start', /unless this database knows it as processed: 5 records, offsets 0 to 4/);
    await system.untilDecided(LOST, 12);
    expect(await system.decisions()).toEqual([...range(1, 0, 5), ...range(1, 0, 5, 'reread'), ...range(1, 5, 7)]);
  }, 240_000);

  // What the group has committed stays above until the partition has caught up: it must not halt again for that.
  it('halts when the database was restored to an earlier state, and goes back when told to, restarts included', async () => {
    await system.processed(5);
    await keepState();
    const processor = system.startProcessor();
    await system.append(LOST, 6);
    await system.untilDecided(LOST, 11);
    await processor.stop();
    await restoreState();

    const second = system.startProcessor();
    expect(await system.untilHalted('DATABASE_BEHIND')).toMatchObject({ nextOffset: 5n, committed: 11n });
    await expectOtherGoesOn(5);
    await expectResumed('stored', /Then to be read: 6 records, offsets 5 to 10/);
    await second.stop();
    system.startProcessor();
    await system.untilDecided(LOST, 11);
    expect(await system.decisions()).toEqual(range(1, 0, 11));
  }, 240_000);
});

describe('a partition whose log does not go on while it is read', () => {
  // KafkaJS, told that an offset is out of range, goes on from another one without a word.
  it('halts, and skips nothing that KafkaJS would', async () => {
    await system.processed(1);
    const letGo = await holdActivity();
    const processor = system.startProcessor({
      HOOKLINE_QUEUE_RECORDS: '1',
      HOOKLINE_SLICE_RECORDS: '1',
    });
    await processor.logged('took the partition over', { partition: LOST });
    // The first is held up in its transaction, the second fills the queue: the partition is paused, not fetched.
    for (let i = 0; i < 2; i++) await system.append(LOST, 1);
    await untilFetched(processor, 3);
    await system.append(LOST, 20);
    await deleteRecords(system.stack.brokers, { topic: system.topic, partition: LOST, before: 15n });
    await letGo();

    const halt = await system.untilHalted('LOG_DISCONTINUED');
    await expectOtherGoesOn(1);
    const next = Number(halt.nextOffset);
    expect(next).toBeLessThan(15);
    expect(await system.decisions()).toEqual(range(1, 0, next));
    await expectResumed('log-start', /Gone from the log, and never processed/);
    await system.untilDecided(LOST, next + 8);
    expect(await system.decisions()).toEqual([...range(1, 0, next), ...range(2, 15, 23)]);
  }, 240_000);

  // A foreign writer's transaction leaves an offset without a record, in the middle of what one fetch brings.
  it('halts at a hole between records, processes what comes before it, and goes on behind it when told to', async () => {
    await system.append(LOST, 3);
    await leaveHole();
    await system.append(LOST, 3);
    system.startProcessor();
    expect(await system.untilHalted('LOG_DISCONTINUED')).toMatchObject({
      nextOffset: 4n,
      detail: expect.stringContaining('the log goes on at 5'),
    });
    await expectOtherGoesOn(0);
    await expectResumed('5', /1 record, offset 4/);
    await system.untilDecided(LOST, 7);
    expect(await system.decisions()).toEqual([...range(1, 0, 3), '1:3 dead-lettered', ...range(2, 5, 8)]);
  }, 240_000);
});

/** Waits until the processor has fetched all that was in the log when it ended there. */
async function untilFetched(processor: ServiceProcess, logEnd: number): Promise<void> {
  const { port } = await processor.logged('operations server listens');
  const line = new RegExp(`^hookline_partition_high_watermark\\{.*partition="${LOST}".*\\} ${logEnd}$`, 'm');
  await until(`the log is fetched up to ${logEnd}`, async () => {
    const response = await fetch(`http://127.0.0.1:${String(port)}/metrics`);
    return line.test(await response.text());
  });
}

/** Locks what the built-in handler writes for the lost partition's repository; the returned function lets it go. */
async function holdActivity(): Promise<() => Promise<void>> {
  const client = await system.database.acquire();
  await client.query('begin');
  await client.query(
    `select from hookline.repository_activity where ordering_key in (
       select ordering_key from hookline.audit_log where kafka_partition = $1) for update`,
    [LOST],
  );
  return async () => {
    await client.query('rollback');
    client.release();
  };
}

/** Leaves a record at offset 3, and none at 4. */
async function leaveHole(): Promise<void> {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const connection = { brokers: system.stack.brokers, clientId: 'test' };
  const readTopicBounds = () => readLogBounds(connection, logger, { topic: system.topic, groupId: system.topic });
  const kafka = createKafka(connection, logger);
  const producer = kafka.producer({ transactionalId: system.topic, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic: system.topic, messages: [{ partition: LOST, key: 'foreign', value: 'foreign' }] });
  await transaction.commit();
  await producer.disconnect();
  // Kafka writes the mark at its end in its own time.
  await until('the mark', async () => (await readTopicBounds()).get(LOST)?.end === 5n);
}

const STATE = ['partition_offsets', 'processed_deliveries', 'audit_log', 'repository_activity'];

/** Keeps what the database has now, as a backup would. */
async function keepState(): Promise<void> {
  for (const table of STATE) await system.database.query(`create table kept_${table} as table hookline.${table}`);
}

async function restoreState(): Promise<void> {
  for (const table of STATE) {
    await system.database.query(`delete from hookline.${table}`);
    await system.database.query(`insert into hookline.${table} overriding system value select * from kept_${table}`);
  }
}
