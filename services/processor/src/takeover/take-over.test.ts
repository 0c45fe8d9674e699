import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readHalts, type Database } from '@hookline/database';
import type { LogBounds } from '@hookline/kafka';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo, until } from '@hookline/test-support';
import { createHalts } from '../halts/create-halts.ts';
import { notedEvents } from '../testing/noted-events.ts';
import { createBoundsReader } from './bounds-reader.ts';
import { createTakeOver } from './take-over.ts';

let db: TestDatabase;
let database: Database;
let group = 0;
const signal = new AbortController().signal;

beforeAll(async () => {
  db = await testDatabase();
  database = connectTo(db.url);
});

afterAll(async () => {
  await database.close();
  await db.drop();
});

/** A takeover that finds these bounds, one answer of Kafka after another. */
function setUp(...answers: LogBounds[]) {
  const consumerGroup = `group-${group++}`;
  const { events, errors } = notedEvents();
  let asked = 0;
  let takeovers = 0;
  let held = { until: 0, ...Promise.withResolvers<void>() };
  held.resolve();
  const bounds = createBoundsReader('t', async () => {
    const found = answers[Math.min(asked++, answers.length - 1)] as LogBounds;
    await held.promise;
    return new Map([0, 1].map((partition) => [partition, found]));
  });
  const readBounds = (partition: number) => bounds.readBounds(partition);
  const takeOver = createTakeOver({
    database,
    consumerGroup,
    topic: 't',
    owner: 'me',
    bounds,
    halts: createHalts({ database, owner: 'me', readBounds, events }, 1),
    orders: { beside: (_, work) => work() },
    events: {
      ...events,
      tookOver(...args) {
        events.tookOver(...args);
        // Answers once so many have raised their epochs: each asks right after that.
        if (++takeovers === held.until) setImmediate(held.resolve);
      },
    },
  });
  const gate = { hold: (until: number) => void (held = { until, ...Promise.withResolvers<void>() }) };
  const processedUpTo = (nextOffset: bigint, partition = 0) =>
    database.query(
      `insert into hookline.partition_offsets (consumer_group, topic, kafka_partition, next_offset, epoch, owner)
       values ($1, 't', $3, $2, 1, 'before')`,
      [consumerGroup, nextOffset, partition],
    );
  /** The halt that a takeover has written down, after which it is given up. */
  async function halted(partition = 0) {
    const closing = new AbortController();
    const taking = takeOver(partition, closing.signal);
    taking.catch(() => {});
    const told = errors.length;
    await until('the halt to be told', () => errors.length > told);
    const place = { consumerGroup, topic: 't' };
    const [halt] = await until('the halt', async () => {
      const halts = await readHalts(database, place);
      return halts.length > 0 && halts;
    });
    closing.abort(new Error('enough'));
    await expect(taking).rejects.toThrow('enough');
    return halt;
  }
  return { takeOver, halted, errors, processedUpTo, gate, asked: () => asked };
}

const log = (start: bigint, end: bigint, committed: bigint | null = null): LogBounds => ({ start, end, committed });

describe('taking a partition over', () => {
  it('begins a partition that nobody had where the log begins', async () => {
    const { takeOver } = setUp(log(5n, 9n));
    expect(await takeOver(0, signal)).toMatchObject({ fence: { partition: 0, epoch: 1n }, from: 5n, witness: null });
  });

  it('halts a partition that the database does not know and the group does, and makes no row', async () => {
    const { halted, errors } = setUp(log(0n, 9n, 4n));
    expect(await halted()).toMatchObject({
      reason: 'DATABASE_WITHOUT_OFFSET',
      nextOffset: null,
      logStart: 0n,
      logEnd: 9n,
      committed: 4n,
      owner: 'me',
    });
    await halted();
    expect(errors).toEqual(['halted: DATABASE_WITHOUT_OFFSET', 'halted: DATABASE_WITHOUT_OFFSET']);
  });

  // The former owner goes on until the epoch is raised: bounds asked before that can end below its last COMMIT.
  it('does not halt for bounds that were asked too early', async () => {
    const { takeOver, errors, processedUpTo, asked } = setUp(log(0n, 10n), log(0n, 20n));
    await processedUpTo(15n);
    expect(await takeOver(0, signal)).toMatchObject({ from: 15n });
    expect(errors).toEqual([]);
    expect(asked()).toBe(2);
  });

  it('halts when what is asked under the new epoch still does not fit', async () => {
    const { halted, errors, processedUpTo } = setUp(log(0n, 10n));
    await processedUpTo(15n);
    expect(await halted()).toMatchObject({ reason: 'LOG_TOO_SHORT', nextOffset: 15n });
    expect(errors).toEqual(['halted: LOG_TOO_SHORT']);
  });

  it('asks Kafka once for all partitions of a join', async () => {
    const { takeOver, asked, processedUpTo, gate } = setUp(log(0n, 9n));
    await Promise.all([processedUpTo(3n, 0), processedUpTo(3n, 1)]);
    gate.hold(2);
    await Promise.all([takeOver(0, signal), takeOver(1, signal)]);
    expect(asked()).toBe(1);
  });

  it('rejects, to be tried again, for a partition that Kafka does not have', async () => {
    const { takeOver } = setUp(log(0n, 0n));
    await expect(takeOver(7, signal)).rejects.toMatchObject({ code: 'TOPIC_MISMATCH' });
  });
});
