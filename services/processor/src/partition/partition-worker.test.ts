import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { takeOverPartition, makeRanges, type Database, type Fence, type LastRecord } from '@hookline/database';
import type { Handler } from '@hookline/handlers';
import { createSchemaRegistry, type OwnedPartition, type ReadRecord, type SchemaRegistry } from '@hookline/kafka';
import { testDatabase, testStack, testTopic, type TestDatabase } from '@hookline/local-stack';
import { createLogger, HooklineError } from '@hookline/runtime';
import { aDelivery, connectTo } from '@hookline/test-support';
import { repositoryActivity } from '../built-in/repository-activity.ts';
import { notedEvents } from '../testing/noted-events.ts';
import { createPartitionWorker, isolate } from './partition-worker.ts';

let testDb: TestDatabase;
let database: Database;
let registry: SchemaRegistry;
let schemaId: number;
let nextPartition = 0;
const logger = createLogger({ service: 'test', level: 'silent' });

beforeAll(async () => {
  const stack = await testStack();
  testDb = await testDatabase();
  database = connectTo(testDb.url);
  await makeRanges(database);
  const topic = await testTopic({ partitions: 1 });
  registry = createSchemaRegistry({ url: stack.registryUrl, timeoutMs: 5000 }, logger);
  schemaId = await registry.deliverySchemaId(topic);
});

afterAll(async () => {
  await database.close();
  await testDb.drop();
});

function read(offset: number, delivery = aDelivery(), changes: Partial<ReadRecord> = {}): ReadRecord {
  return {
    partition: 0,
    offset: BigInt(offset),
    key: `github.com/repository/${delivery.repositoryId}`,
    value: registry.encodeDelivery(schemaId, delivery),
    time: 1_700_000_000_000,
    ...changes,
  };
}

/** A worker on a partition of its own, given slices one after another; then its queue is closed. */
async function worker(
  slices: ReadRecord[][],
  changes: {
    handlers?: Handler[];
    registry?: Pick<SchemaRegistry, 'decode' | 'decodeCached'>;
    database?: Database;
    signal?: AbortSignal;
    from?: bigint;
    witness?: LastRecord;
  } = {},
) {
  const partition = nextPartition++;
  const place = { consumerGroup: 'g', topic: 't', partition };
  const taken = await takeOverPartition(database, place, 'me', changes.from ?? 0n);
  if (!taken.success) throw new Error(taken.reason);
  const { fence } = taken;
  const advanced: bigint[] = [];
  const { events, errors } = notedEvents();
  const owned: OwnedPartition = {
    partition,
    take: () => Promise.resolve(slices.shift() ?? []),
    signal: changes.signal ?? new AbortController().signal,
  };
  const made = createPartitionWorker(
    {
      slice: {
        database: changes.database ?? database,
        handlers: changes.handlers ?? [repositoryActivity],
        handlerTimeoutMs: 5000,
        transaction: { statementTimeoutMs: 5000 },
      },
      limits: { records: 100, bytes: 1_000_000 },
      registry: changes.registry ?? registry,
      partitions: 1,
      events,
      retry: { baseMs: 1, maxMs: 2 },
      random: () => 0,
      onAdvanced: (_, nextOffset) => void advanced.push(nextOffset),
    },
    { fence, witness: changes.witness ?? null },
    owned,
  );
  return { worker: made, fence, advanced, errors };
}

async function audited({ partition }: Fence): Promise<string[]> {
  const { rows } = await database.query<{ said: string }>(
    `select kafka_offset || ' ' || decision as said from hookline.audit_log where kafka_partition = $1 order by audit_id`,
    [partition],
  );
  return rows.map(({ said }) => said);
}

async function storedOffset({ partition }: Fence): Promise<number> {
  const { rows } = await database.query<{ next_offset: string }>(
    'select next_offset from hookline.partition_offsets where kafka_partition = $1',
    [partition],
  );
  return Number(rows[0]?.next_offset);
}

describe('createPartitionWorker', () => {
  it('processes slices in order, each identity once, and ends when its queue is closed', async () => {
    const twice = aDelivery();
    const {
      worker: w,
      fence,
      advanced,
    } = await worker([
      [read(0, twice), read(1, twice)],
      [read(2), read(3, twice)],
    ]);
    expect(await w.tick()).toBeNull();
    expect(await w.run()).toBe('CLOSED');
    expect(await audited(fence)).toEqual(['0 processed', '1 duplicate', '2 processed', '3 duplicate']);
    expect(advanced).toEqual([2n, 4n]);
    expect(await storedOffset(fence)).toBe(4);
  });

  // A failure may halt its partition, but what came before is committed and nothing after it is touched.
  it('commits what comes before a record whose handler fails, and halts at that record', async () => {
    const handlers: Handler[] = [
      {
        kind: 'delivery',
        name: 'poisoned',
        on: ['*'],
        run: ({ offset }) => (offset === 2n ? Promise.reject(new Error('poison')) : Promise.resolve()),
      },
    ];
    const { worker: w, fence, errors } = await worker([[read(0), read(1), read(2), read(3)]], { handlers });
    expect(await w.run()).toBe('HALTED');
    expect(await audited(fence)).toEqual(['0 processed', '1 processed']);
    expect(await storedOffset(fence)).toBe(2);
    expect(errors).toEqual(['handler: 2']);
  });

  it('finds the record that fails a slice handler by running them one at a time', async () => {
    const handlers: Handler[] = [
      {
        kind: 'slice',
        name: 'picky',
        on: ['*'],
        runSlice: (all) =>
          all.some(({ offset }) => offset === 1n) ? Promise.reject(new Error('poison')) : Promise.resolve(),
      },
    ];
    const { worker: w, fence } = await worker([[read(0), read(1), read(2)]], { handlers });
    expect(await w.run()).toBe('HALTED');
    expect(await storedOffset(fence)).toBe(1);
  });

  it('goes on after a failure that does not repeat', async () => {
    let failures = 1;
    const handlers: Handler[] = [
      {
        kind: 'delivery',
        name: 'moody',
        on: ['*'],
        run: ({ offset }) => (offset === 1n && failures-- > 0 ? Promise.reject(new Error('once')) : Promise.resolve()),
      },
    ];
    const { worker: w, fence, errors } = await worker([[read(0), read(1), read(2)]], { handlers });
    expect(await w.run()).toBe('CLOSED');
    expect(await audited(fence)).toEqual(['0 processed', '1 processed', '2 processed']);
    expect(errors).toEqual([]);
  });

  it.each([
    ['no value', { value: null }],
    ['bytes of somebody else', { value: Buffer.from('hello') }],
    ['no key', { key: null }],
  ])('commits what comes before a record with %s, and halts: skipping it would lose it', async (_, changes) => {
    const slice = [read(0), read(1, aDelivery(), changes), read(2)];
    const { worker: w, fence, errors } = await worker([slice]);
    expect(await w.run()).toBe('HALTED');
    expect(await audited(fence)).toEqual(['0 processed']);
    expect(errors).toEqual(['undecodable: 1']);
  });

  it('waits for a registry that is away, and blames nothing', async () => {
    let tries = 0;
    const away = {
      decodeCached: () => undefined,
      decode: (value: Buffer | null) =>
        ++tries < 3 ? Promise.reject(new HooklineError('REGISTRY_UNAVAILABLE', 'away')) : registry.decode(value),
    };
    const { worker: w, fence, errors } = await worker([[read(0)]], { registry: away });
    expect(await w.run()).toBe('CLOSED');
    expect(errors).toEqual(['decode: away', 'decode: away']);
    expect(await storedOffset(fence)).toBe(1);
  });

  // COMMIT succeeds and its reply is lost: only the fence row can tell, and the records must not run twice.
  it('does not run records again whose COMMIT succeeded without a reply', async () => {
    let lost = 0;
    const lossy: Database = {
      ...database,
      async acquire() {
        const client = await database.acquire();
        return {
          ...client,
          query: async (text, values) => {
            const result = await client.query(text, values);
            if (text === 'commit' && lost++ === 0) throw new Error('Connection terminated unexpectedly');
            return result as never;
          },
        };
      },
    };
    let runs = 0;
    const counting: Handler = { kind: 'delivery', name: 'c', on: ['*'], run: () => Promise.resolve(void (runs += 1)) };
    const { worker: w, fence, errors } = await worker([[read(0), read(1)]], { database: lossy, handlers: [counting] });
    expect(await w.run()).toBe('CLOSED');
    expect(errors).toEqual(['transaction: Connection terminated unexpectedly']);
    expect(runs).toBe(2);
    expect(await audited(fence)).toEqual(['0 processed', '1 processed']);
  });

  it('writes nothing and ends when a later owner has the partition', async () => {
    const { worker: w, fence } = await worker([[read(0)]]);
    await takeOverPartition(database, fence, 'another', 0n);
    expect(await w.run()).toBe('FENCED');
    expect(await audited(fence)).toEqual([]);
    expect(await storedOffset(fence)).toBe(0);
  });

  // Trying again cannot help: the same values would be refused for ever, and the partition would wait without a halt.
  it('finds the record that the database refuses, commits what comes before, and halts', async () => {
    const tooLong = aDelivery({ dedupScope: randomBytes(6000).toString('base64') });
    const { worker: w, fence, errors } = await worker([[read(0), read(1, tooLong), read(2)]]);
    expect(await w.run()).toBe('HALTED');
    expect(await audited(fence)).toEqual(['0 processed']);
    expect(errors).toEqual(['refused: 1']);
  });

  // Whoever raises the offset by hand skips records: they must not go without an audit row and without a word.
  it('halts when the stored offset has been moved past what it reads', async () => {
    const { worker: w, fence, errors } = await worker([[read(0)]]);
    await database.query('update hookline.partition_offsets set next_offset = 100 where kafka_partition = $1', [
      fence.partition,
    ]);
    expect(await w.run()).toBe('HALTED');
    expect(errors).toEqual(['halted: OFFSET_MOVED']);
    expect(await audited(fence)).toEqual([]);
  });

  it('writes nothing when its records begin above the stored offset', async () => {
    const { worker: w, fence, errors } = await worker([[read(5)]]);
    expect(await w.run()).toBe('FENCED');
    expect(errors).toEqual(['gap: 0 5']);
    expect(await audited(fence)).toEqual([]);
  });

  // A topic that was recreated and filled past our offset looks like old records: only the last one that was processed
  // tells. It is read once more, looked at, and not processed.
  describe('that begins with the last record that was processed', () => {
    const last = aDelivery();
    const witness = { digest: last.digest, time: 1_700_000_000_000 };

    it('goes on behind it when it is still there', async () => {
      const slices = [[read(4, last)], [read(5)]];
      const { worker: w, fence, errors } = await worker(slices, { from: 5n, witness });
      expect(await w.run()).toBe('CLOSED');
      expect(await audited(fence)).toEqual(['5 processed']);
      expect(errors).toEqual([]);
    });

    it.each([
      ['has another payload', () => read(4)],
      ['was appended at another time', () => read(4, last, { time: 1_700_000_000_001 })],
      ['cannot be decoded', () => read(4, last, { value: Buffer.from('another') })],
    ])('halts, and reads nothing more, when the one there %s', async (_, other) => {
      const { worker: w, fence, errors } = await worker([[other()], [read(5)]], { from: 5n, witness });
      expect(await w.run()).toBe('HALTED');
      expect(errors).toEqual(['halted: LOG_DIFFERS']);
      expect(await audited(fence)).toEqual([]);
    });

    it('ends when its queue is closed before', async () => {
      const { worker: w } = await worker([], { from: 5n, witness });
      expect(await w.run()).toBe('CLOSED');
    });
  });

  it('rejects at once when the partition is lost in the middle of a handler, and writes nothing', async () => {
    const lost = new AbortController();
    const handlers: Handler[] = [
      {
        kind: 'delivery',
        name: 'hangs',
        on: ['*'],
        run: () => {
          lost.abort(new Error('rebalanced'));
          return new Promise(() => {});
        },
      },
    ];
    const { worker: w, fence } = await worker([[read(0)]], { handlers, signal: lost.signal });
    await expect(w.run()).rejects.toThrow('rebalanced');
    expect(await audited(fence)).toEqual([]);
  });

  it('keeps the projection in step: count and last delivery per key', async () => {
    const first = aDelivery({ repository: 901 });
    const last = aDelivery({ repository: 901, event: 'push', action: null });
    const { worker: w } = await worker([[read(0, first), read(1, aDelivery({ repository: 902 }))], [read(2, last)]]);
    expect(await w.run()).toBe('CLOSED');
    const { rows } = await database.query(
      `select deliveries::int, last_event, last_action, last_guid, last_offset::int
         from hookline.repository_activity where ordering_key = 'github.com/repository/901'`,
    );
    expect(rows).toEqual([
      { deliveries: 2, last_event: 'push', last_action: null, last_guid: last.guid, last_offset: 2 },
    ]);
  });
});

describe('isolate', () => {
  const records = [0, 1, 2].map((offset) => ({ offset }) as never);

  it('runs what comes before, the record alone, and the rest', () => {
    expect(isolate(records, records[1]!)).toEqual([[records[0]], [records[1]], [records[2]]]);
    expect(isolate(records, records[0]!)).toEqual([[records[0]], [records[1], records[2]]]);
    expect(isolate(records, records[2]!)).toEqual([[records[0], records[1]], [records[2]]]);
  });

  it('runs one by one when nobody knows which', () => {
    expect(isolate(records, null)).toEqual(records.map((record) => [record]));
  });
});
