import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setDirty, startRun, takeOverPartition, type Database } from '@hookline/database';
import type { Handler } from '@hookline/handlers';
import { aDelivery } from '@hookline/test-support';
import { createLogWorld, keyOf, type LogWorld } from '../testing/log-world.ts';
import { createTurn } from './turn.ts';

let world: LogWorld;
let nextPartition = 100;
const LIMITS = { records: 3, bytes: 1_000_000 };

beforeAll(async () => {
  world = await createLogWorld();
});

afterAll(() => world.close());

/** A record of one repository. */
const of = (repository: number, offset: number) => world.read(offset, aDelivery({ repository }));

/** A partition whose owner has died at work; with a start that it left open, where one is given. */
async function afterADeath(start?: number): Promise<number> {
  const partition = nextPartition++;
  const place = { consumerGroup: 'g', topic: 't', partition };
  const taken = await takeOverPartition(world.database, place, 'who died', 0n);
  if (!taken.success) throw new Error(taken.reason);
  await setDirty(world.database, taken.fence);
  if (start !== undefined) {
    const run = { stage: 'log', orderingKey: '', firstPosition: BigInt(start), records: 1 } as const;
    await startRun(world.database, taken.fence, 'who died', run);
  }
  return partition;
}

async function isDirty(partition: number): Promise<boolean> {
  const { rows } = await world.database.query<{ dirty: boolean }>(
    'select dirty from hookline.partition_offsets where kafka_partition = $1',
    [partition],
  );
  return rows[0]?.dirty === true;
}

async function startsOf(partition: number): Promise<string[]> {
  const { rows } = await world.database.query<{ said: string }>(
    `select first_position || ' ' || owner as said from hookline.record_starts where kafka_partition = $1`,
    [partition],
  );
  return rows.map(({ said }) => said);
}

/** A handler that writes down what is noted, and how many records its slice had. */
function watching(partition: number, seen: string[]): Handler {
  return {
    kind: 'slice',
    name: 'watching',
    on: ['*'],
    async runSlice(all) {
      const noted = await startsOf(partition);
      seen.push([`${all.map(({ offset }) => offset).join()}:`, ...noted].join(' '));
    },
  };
}

describe('the dirty mark', () => {
  it('is there from before the first record until the work has ended', async () => {
    const partition = nextPartition++;
    const seen: boolean[] = [];
    const looks: Handler = {
      kind: 'delivery',
      name: 'looks',
      on: ['*'],
      run: async () => void seen.push(await isDirty(partition)),
    };
    const { worker } = await world.own([[of(1, 0)]], { partition, handlers: [looks] });
    expect(await isDirty(partition)).toBe(false);
    expect(await worker.run()).toBe('CLOSED');
    expect(seen).toEqual([true]);
    expect(await isDirty(partition)).toBe(false);
  });

  // A process that loses a partition is alive: its heir must not go carefully after each rebalance.
  it('goes when the partition is lost in the middle of a handler', async () => {
    const lost = new AbortController();
    const partition = nextPartition++;
    const loses: Handler = {
      kind: 'delivery',
      name: 'loses',
      on: ['*'],
      run: () => {
        lost.abort(new Error('rebalanced'));
        return new Promise(() => {});
      },
    };
    const { worker } = await world.own([[of(1, 0)]], { partition, handlers: [loses], signal: lost.signal });
    await expect(worker.run()).rejects.toThrow('rebalanced');
    expect(await isDirty(partition)).toBe(false);
  });

  it('of another owner stays until as many records as one slice has are behind it', async () => {
    const partition = await afterADeath();
    await (await world.own([[of(1, 0), of(1, 1)]], { partition, limits: LIMITS })).worker.run();
    expect(await isDirty(partition)).toBe(true);
    await (await world.own([[of(1, 2), of(1, 3), of(1, 4)]], { partition, limits: LIMITS })).worker.run();
    expect(await isDirty(partition)).toBe(false);
  });
});

describe('after a dirty takeover', () => {
  // What the former owner died of is among its next records: together with others, nobody could tell which it was.
  it('runs as many records as one slice has alone, each with its start noted, and the rest together', async () => {
    const partition = await afterADeath();
    const seen: string[] = [];
    const { worker, fence } = await world.own([[of(1, 0), of(1, 1), of(2, 2), of(2, 3), of(2, 4)]], {
      partition,
      limits: LIMITS,
      handlers: [watching(partition, seen)],
    });
    expect(await worker.run()).toBe('CLOSED');
    expect(seen).toEqual(['0: 0 me', '1: 1 me', '2: 2 me', '3,4:']);
    expect(await startsOf(partition)).toEqual([]);
    expect(await world.storedOffset(fence)).toBe(5);
  });

  it('runs nothing alone where the former owner ended cleanly', async () => {
    const partition = nextPartition++;
    const seen: string[] = [];
    const changes = { partition, limits: LIMITS, handlers: [watching(partition, seen)] };
    await (await world.own([[of(1, 0)]], changes)).worker.run();
    await (await world.own([[of(1, 1), of(1, 2)]], changes)).worker.run();
    expect(seen).toEqual(['0:', '1,2:']);
  });

  // It would kill one process after another. In its lane it has tries of its own, and all others go on.
  it('parks the record that a process has died of without running it', async () => {
    const partition = await afterADeath(0);
    const seen: string[] = [];
    const { worker, fence, errors } = await world.own([[of(1, 0), of(2, 1), of(1, 2)]], {
      partition,
      limits: LIMITS,
      handlers: [watching(partition, seen)],
    });
    expect(await worker.run()).toBe('CLOSED');
    expect(errors).toEqual(['blamed: 0']);
    expect(seen).toEqual(['1: 1 me']);
    expect(await world.audited(fence)).toEqual(['0 parked', '1 processed', '2 parked']);
    expect(await world.lanes(fence)).toEqual([`${keyOf(1)} retrying 2 1 1 0`]);
    expect(await startsOf(partition)).toEqual([]);
  });

  it('blames no other record than the one whose start was left open', async () => {
    const partition = await afterADeath(7);
    const { worker, fence, errors } = await world.own([[of(1, 0), of(1, 1)]], { partition, limits: LIMITS });
    expect(await worker.run()).toBe('CLOSED');
    expect(errors).toEqual([]);
    expect(await world.audited(fence)).toEqual(['0 processed', '1 processed']);
  });

  // A rebalance reaches two members in the same moment: the heir can look before the former owner has said that it lives.
  it('blames nothing when the former owner takes its start back after all', async () => {
    const partition = await afterADeath(0);
    const { worker, fence, errors } = await world.own([[of(1, 0)]], {
      partition,
      limits: LIMITS,
      waits: {
        retry: { baseMs: 1, maxMs: 2 },
        breaker: { baseMs: 1, maxMs: 2 },
        roomMs: 1,
        get blameMs() {
          void world.database.query('delete from hookline.record_starts where kafka_partition = $1', [partition]);
          return 200;
        },
      },
    });
    expect(await worker.run()).toBe('CLOSED');
    expect(errors).toEqual([]);
    expect(await world.audited(fence)).toEqual(['0 processed']);
  });
});

describe('a suspect', () => {
  // The process is alive: a deploy or a rebalance in the middle of a record is no death.
  it('whose run was aborted leaves no start behind that could be counted', async () => {
    const partition = await afterADeath();
    const lost = new AbortController();
    const noted: string[] = [];
    const loses: Handler = {
      kind: 'delivery',
      name: 'loses',
      on: ['*'],
      async run() {
        noted.push(...(await startsOf(partition)));
        lost.abort(new Error('rebalanced'));
        await new Promise(() => {});
      },
    };
    const { worker } = await world.own([[of(1, 0)]], { partition, handlers: [loses], signal: lost.signal });
    await expect(worker.run()).rejects.toThrow('rebalanced');
    expect(noted).toEqual(['0 me']);
    expect(await startsOf(partition)).toEqual([]);
    const heir = await world.own([[of(1, 0)]], { partition, owner: 'the heir' });
    expect(await heir.worker.run()).toBe('CLOSED');
    expect(heir.errors).toEqual([]);
    expect(await world.audited(heir.fence)).toEqual(['0 processed']);
  });

  it('that fails is parked like any other, and its start goes with it', async () => {
    const partition = await afterADeath();
    const fails: Handler = { kind: 'delivery', name: 'f', on: ['*'], run: () => Promise.reject(new Error('poison')) };
    const { worker, fence } = await world.own([[of(1, 0)]], { partition, handlers: [fails] });
    expect(await worker.run()).toBe('CLOSED');
    expect(await world.lanes(fence)).toEqual([`${keyOf(1)} retrying 1 1 0 0`]);
    expect(await startsOf(partition)).toEqual([]);
  });

  // Of two that run when the process dies, one would be blamed without cause.
  it('runs alone in its process', async () => {
    const suspects = createTurn();
    let inside = 0;
    const alone: Handler = {
      kind: 'delivery',
      name: 'alone',
      on: ['*'],
      async run(_, { db }) {
        expect((inside += 1)).toBe(1);
        await db.query('select pg_sleep(0.02)');
        inside -= 1;
      },
    };
    const owners = await Promise.all(
      [1, 2, 3].map(async () => {
        const partition = await afterADeath();
        return world.own([[of(1, 0)], [of(1, 1)]], { partition, suspects, handlers: [alone] });
      }),
    );
    expect(await Promise.all(owners.map(({ worker }) => worker.run()))).toEqual(['CLOSED', 'CLOSED', 'CLOSED']);
    for (const { fence } of owners) expect(await world.audited(fence)).toEqual(['0 processed', '1 processed']);
  });

  it('is neither noted nor run by a process that has lost the fence', async () => {
    const partition = await afterADeath();
    const { worker, fence } = await world.own([[of(1, 0)]], { partition });
    const late: Database = world.database;
    await takeOverPartition(late, fence, 'another', 0n);
    expect(await worker.run()).toBe('FENCED');
    expect(await startsOf(partition)).toEqual([]);
    expect(await isDirty(partition)).toBe(true);
  });
});
