import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { END_MARK } from '@hookline/contracts';
import { takeOverPartition, type Database } from '@hookline/database';
import type { Handler } from '@hookline/handlers';
import { HooklineError } from '@hookline/runtime';
import { aDelivery, until } from '@hookline/test-support';
import { createLogWorld, type LogWorld } from '../testing/log-world.ts';

let world: LogWorld;
let read: LogWorld['read'];

beforeAll(async () => {
  world = await createLogWorld();
  ({ read } = world);
});

afterAll(() => world.close());

describe('createPartitionWorker', () => {
  it('processes slices in order, each identity once, and ends when its queue is closed', async () => {
    const twice = aDelivery();
    const { worker, fence, advanced } = await world.own([
      [read(0, twice), read(1, twice)],
      [read(2), read(3, twice)],
    ]);
    expect(await worker.tick()).toBeNull();
    expect(await worker.run()).toBe('CLOSED');
    expect(await world.audited(fence)).toEqual(['0 processed', '1 duplicate', '2 processed', '3 duplicate']);
    expect(advanced).toEqual([2n, 4n]);
    expect(await world.storedOffset(fence)).toBe(4);
  });

  // COMMIT succeeds and its reply is lost: only the fence row can tell, and the records must not run twice.
  it('does not run records again whose COMMIT succeeded without a reply', async () => {
    let lost = 0;
    const lossy: Database = {
      ...world.database,
      async acquire() {
        const client = await world.database.acquire();
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
    const { worker, fence, errors } = await world.own([[read(0), read(1)]], { database: lossy, handlers: [counting] });
    expect(await worker.run()).toBe('CLOSED');
    expect(errors).toEqual(['transaction: Connection terminated unexpectedly']);
    expect(runs).toBe(2);
    expect(await world.audited(fence)).toEqual(['0 processed', '1 processed']);
  });

  it('writes nothing and ends when a later owner has the partition', async () => {
    const { worker, fence } = await world.own([[read(0)]]);
    await takeOverPartition(world.database, fence, 'another', 0n);
    expect(await worker.run()).toBe('FENCED');
    expect(await world.audited(fence)).toEqual([]);
    expect(await world.storedOffset(fence)).toBe(0);
  });

  // In a transaction it would hold the fence, for which a lane that has the turn waits with rows that the slice wants.
  it('begins no transaction before it has the partition’s turn', async () => {
    let begun = 0;
    const counting: Database = {
      ...world.database,
      acquire() {
        begun += 1;
        return world.database.acquire();
      },
    };
    const { worker, turn, fence } = await world.own([[read(0)]], { database: counting });
    const giveBack = await turn.take(new AbortController().signal);
    const ended = worker.run();
    await until('the worker has marked its partition', async () => {
      const { rows } = await world.database.query<{ dirty: boolean }>(
        'select dirty from hookline.partition_offsets where kafka_partition = $1',
        [fence.partition],
      );
      return rows[0]?.dirty;
    });
    await world.storedOffset(fence);
    expect(begun).toBe(0);
    giveBack();
    expect(await ended).toBe('CLOSED');
    expect(await world.audited(fence)).toEqual(['0 processed']);
  });

  it('rejects at once when the partition is lost in the middle of a handler, and writes nothing', async () => {
    const lost = new AbortController();
    const hangs: Handler = {
      kind: 'delivery',
      name: 'hangs',
      on: ['*'],
      run: () => {
        lost.abort(new Error('rebalanced'));
        return new Promise(() => {});
      },
    };
    const { worker, fence } = await world.own([[read(0)]], { handlers: [hangs], signal: lost.signal });
    await expect(worker.run()).rejects.toThrow('rebalanced');
    expect(await world.audited(fence)).toEqual([]);
  });

  it('keeps the projection in step: count and last delivery per key', async () => {
    const first = aDelivery({ repository: 901 });
    const last = aDelivery({ repository: 901, event: 'push', action: null });
    const { worker } = await world.own([[read(0, first), read(1, aDelivery({ repository: 902 }))], [read(2, last)]]);
    expect(await worker.run()).toBe('CLOSED');
    const { rows } = await world.database.query(
      `select deliveries::int, last_event, last_action, last_guid, last_offset::int
         from hookline.repository_activity where ordering_key = 'github.com/repository/901'`,
    );
    expect(rows).toEqual([
      { deliveries: 2, last_event: 'push', last_action: null, last_guid: last.guid, last_offset: 2 },
    ]);
  });
});

describe('a record that is no delivery', () => {
  // Nobody can ever run it: the partition goes on, and its bytes are kept where a human can look at them.
  it.each([
    ['no value', { value: null }],
    ['bytes of somebody else', { value: Buffer.from('hello') }],
    ['no key', { key: null }],
    ['a key that is no UTF-8', { key: Buffer.from([0xc3, 0x28]) }],
  ])('with %s becomes a dead letter with its raw bytes, and the partition goes on', async (_, changes) => {
    const bad = read(1, aDelivery(), changes);
    const { worker, fence, errors } = await world.own([[read(0), bad, read(2)]]);
    expect(await worker.run()).toBe('CLOSED');
    expect(await world.audited(fence)).toEqual(['0 processed', '1 dead-lettered', '2 processed']);
    expect(errors).toEqual(['dead: 1']);
    const { rows } = await world.database.query(
      `select delivery.kafka_offset::int as at, record_key as key, body, body_encoding as encoding, handler, reason
         from hookline.dead_letters letter
         join hookline.dead_deliveries delivery using (consumer_group, topic, kafka_partition, incarnation, kafka_offset)
        where kafka_partition = $1`,
      [fence.partition],
    );
    expect(rows).toMatchObject([{ at: 1, key: bad.key, handler: null, reason: 'undecodable' }]);
    if (bad.value === null) expect(rows).toMatchObject([{ body: null }]);
    if (rows[0]?.['encoding'] === 'identity') expect(rows).toMatchObject([{ body: bad.value }]);
  });

  // It ends a generation, and is nobody's mistake: an alert for each partition of a move would be the first to be ignored.
  it('is no dead letter where it is the mark of an end, and has its audit row', async () => {
    const { worker, fence, errors } = await world.own([
      [read(0), read(1, aDelivery(), { key: null, value: END_MARK })],
    ]);
    expect(await worker.run()).toBe('CLOSED');
    expect(await world.audited(fence)).toEqual(['0 processed', '1 ignored']);
    expect(errors).toEqual([]);
    expect(await world.storedOffset(fence)).toBe(2);
    const { rows } = await world.database.query('select from hookline.dead_letters where kafka_partition = $1', [
      fence.partition,
    ]);
    expect(rows).toEqual([]);
  });

  // A later owner must know the log again by it, as by any other record.
  it('is the witness of what was processed last, by its bytes', async () => {
    const bad = read(0, aDelivery(), { value: Buffer.from('hello') });
    const first = await world.own([[bad]]);
    expect(await first.worker.run()).toBe('CLOSED');
    const { rows } = await world.database.query(
      'select last_record_digest as digest from hookline.partition_offsets where kafka_partition = $1',
      [first.fence.partition],
    );
    const digest = createHash('sha256').update('hello').digest();
    expect(rows).toEqual([{ digest }]);

    const again = { partition: first.fence.partition, witness: { digest, time: bad.time } };
    const second = await world.own([[bad], [read(1)]], again);
    expect(await second.worker.run()).toBe('CLOSED');
    expect(await world.audited(first.fence)).toEqual(['0 dead-lettered', '1 processed']);
    const third = await world.own([[{ ...bad, value: Buffer.from('other') }]], again);
    expect(await third.worker.run()).toBe('CLOSED');
    expect(third.errors).toEqual(['halted: LOG_DIFFERS']);
  });
});

describe('a registry that is away', () => {
  it('is waited for, and blames nothing', async () => {
    let tries = 0;
    const away = {
      decodeCached: () => undefined,
      decode: (value: Buffer | null) =>
        ++tries < 3 ? Promise.reject(new HooklineError('REGISTRY_UNAVAILABLE', 'away')) : world.registry.decode(value),
    };
    const { worker, fence, errors } = await world.own([[read(0)]], { registry: away });
    expect(await worker.run()).toBe('CLOSED');
    expect(errors).toEqual(['decode: away', 'decode: away']);
    expect(await world.storedOffset(fence)).toBe(1);
  });

  // One record of an unknown schema must not hold up the hundreds before it, for as long as the registry is away.
  it('holds up no record that comes before the one that needs it', async () => {
    const needy = read(2);
    const committed: number[] = [];
    const away = {
      decodeCached: (value: Buffer | null) =>
        value === needy.value && committed.length < 2 ? undefined : world.registry.decodeCached(value),
      async decode() {
        committed.push(await world.storedOffset(owner.fence));
        throw new HooklineError('REGISTRY_UNAVAILABLE', 'away');
      },
    };
    const owner = await world.own([[read(0), read(1), needy, read(3)]], { registry: away });
    expect(await owner.worker.run()).toBe('CLOSED');
    expect(committed).toEqual([0, 2]);
    expect(await world.audited(owner.fence)).toEqual(['0 processed', '1 processed', '2 processed', '3 processed']);
  });

  it('does not hold up a stop', async () => {
    const closing = new AbortController();
    const away = {
      decodeCached: () => undefined,
      decode() {
        closing.abort(new Error('stopping'));
        return Promise.reject(new HooklineError('REGISTRY_UNAVAILABLE', 'away'));
      },
    };
    const { worker } = await world.own([[read(0)]], {
      registry: away,
      signal: new AbortController().signal,
      closing: closing.signal,
      waits: { retry: { baseMs: 600_000, maxMs: 600_000 }, breaker: { baseMs: 1, maxMs: 1 }, roomMs: 1, blameMs: 0 },
    });
    expect(await worker.run()).toBe('CLOSED');
  });
});

describe('what a partition halts for', () => {
  // Trying again cannot help: the same values would be refused for ever, and the partition would wait without a word.
  it('is a record that the database refuses outside handlers; what comes before it is committed', async () => {
    await world.database.query(`alter table hookline.audit_log add constraint test check (source <> 'refused')`);
    const refused = aDelivery({ source: 'refused' });
    const { worker, fence, errors } = await world.own([[read(0), read(1, refused), read(2)]], { haltEnd: 'RESUMED' });
    expect(await worker.run()).toBe('RESUMED');
    expect(await world.audited(fence)).toEqual(['0 processed']);
    // It could be a handler's doing, until it could not even be parked.
    expect(errors).toEqual(['handler: 1 fault, park', 'halted: RECORD_REFUSED']);
  });

  // Whoever raises the offset by hand skips records: they must not go without an audit row and without a word.
  it('is a stored offset that has been moved past what it reads', async () => {
    const { worker, fence, errors } = await world.own([[read(0)]]);
    await world.database.query('update hookline.partition_offsets set next_offset = 100 where kafka_partition = $1', [
      fence.partition,
    ]);
    await worker.run();
    expect(errors).toEqual(['halted: OFFSET_MOVED']);
    expect(await world.audited(fence)).toEqual([]);
  });

  it('is a log that does not go on behind its last record', async () => {
    const discontinuity = { expected: 1n, found: 9n };
    const { worker, fence, halts } = await world.own([[read(0)]], { discontinuity, haltEnd: 'RESUMED' });
    expect(await worker.run()).toBe('RESUMED');
    expect(halts).toMatchObject([{ reason: 'LOG_DISCONTINUED', nextOffset: 1n }]);
    expect(await world.audited(fence)).toEqual(['0 processed']);
  });

  it('is no gap that taking over again closes: it writes nothing', async () => {
    const { worker, fence, errors } = await world.own([[read(5)]]);
    expect(await worker.run()).toBe('AGAIN');
    expect(errors).toEqual(['gap: 0 5']);
    expect(await world.audited(fence)).toEqual([]);
  });
});

// A topic that was recreated and filled past our offset looks like old records: only the last one that was processed
// tells. It is read once more, looked at, and not processed.
describe('a partition that begins with the last record that was processed', () => {
  const last = aDelivery();
  const witness = { digest: last.digest, time: 1_700_000_000_000 };

  it('goes on behind it when it is still there', async () => {
    const { worker, fence, errors } = await world.own([[read(4, last)], [read(5)]], { from: 5n, witness });
    expect(await worker.run()).toBe('CLOSED');
    expect(await world.audited(fence)).toEqual(['5 processed']);
    expect(errors).toEqual([]);
  });

  it.each([
    ['has another payload', () => read(4)],
    ['was appended at another time', () => read(4, last, { time: 1_700_000_000_001 })],
    ['cannot be decoded', () => read(4, last, { value: Buffer.from('another') })],
  ])('halts, and reads nothing more, when the one there %s', async (_, other) => {
    const { worker, fence, errors } = await world.own([[other()], [read(5)]], { from: 5n, witness });
    await worker.run();
    expect(errors).toEqual(['halted: LOG_DIFFERS']);
    expect(await world.audited(fence)).toEqual([]);
  });

  // A decision names the stored offset: with the witness's it would be refused for ever.
  it('halts at its stored offset when even that record is not there', async () => {
    const discontinuity = { expected: 4n, found: 0n };
    const { worker, halts } = await world.own([], { from: 5n, witness, discontinuity });
    await worker.run();
    expect(halts).toMatchObject([{ reason: 'LOG_DISCONTINUED', nextOffset: 5n }]);
  });

  it('ends when its queue is closed before', async () => {
    const { worker } = await world.own([], { from: 5n, witness });
    expect(await worker.run()).toBe('CLOSED');
  });
});
