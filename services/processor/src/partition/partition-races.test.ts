import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database } from '@hookline/database';
import type { DeliveryHandler, HandlerDatabase } from '@hookline/handlers';
import type { ReadRecord } from '@hookline/kafka';
import { aDelivery } from '@hookline/test-support';
import { createLogWorld, keyOf, type LogOwner, type LogWorld } from '../testing/log-world.ts';

let world: LogWorld;
let nextPartition = 200;

beforeAll(async () => {
  world = await createLogWorld();
  await world.database.query('create table notes (kafka_partition int, kafka_offset bigint)');
  await world.database.query('create table shared (name text primary key)');
  await world.database.query("insert into shared values ('a'), ('b')");
});
beforeEach(() => world.database.query('truncate notes'));
afterAll(() => world.close());

const POISON = 100;

function handler(name: string, run: DeliveryHandler['run']): DeliveryHandler {
  return { kind: 'delivery', name, on: ['*'], run };
}

/** One record each of so many repositories. */
function slice(count: number): ReadRecord[] {
  return Array.from({ length: count }, (_, offset) => world.read(offset, aDelivery({ repository: offset + 1 })));
}

/** Writes a row for each delivery that is handled in a partition, in the transaction. */
function noting(partition: number): DeliveryHandler {
  return handler('noting', async ({ offset }, { db }) => {
    await db.query('insert into notes values ($1, $2)', [partition, offset]);
  });
}

async function noted({ fence }: LogOwner): Promise<number[]> {
  const { rows } = await world.database.query<{ kafka_offset: string }>(
    'select kafka_offset from notes where kafka_partition = $1 order by 1',
    [fence.partition],
  );
  return rows.map(({ kafka_offset: offset }) => Number(offset));
}

// A failing record takes several transactions: all, what comes before it, it alone, its parking, the rest. The partition
// can move to another process before any of them, and neither of the two knows how far the other has come.
describe('a slice with a poisoned record, whose partition is taken over between its parts', () => {
  const brittle = handler('brittle', ({ repositoryId }) =>
    repositoryId === String(POISON) ? Promise.reject(new Error('poison')) : Promise.resolve(),
  );
  /** Runs the slice; another owner takes over before the nth time that the first one asks for a connection. */
  async function run(nth: number) {
    const partition = nextPartition++;
    const handlers = [noting(partition), brittle];
    const log = [1, 2, POISON, 3].map((repository, offset) => world.read(offset, aDelivery({ repository })));
    let asked = 0;
    let heir: LogOwner | undefined;
    const left: ReadRecord[][] = [];
    const database: Database = {
      ...world.database,
      async acquire() {
        if (++asked === nth) heir = await world.own(left, { partition, handlers, owner: 'heir' });
        return world.database.acquire();
      },
    };
    const first = await world.own([log], { partition, handlers, database, owner: 'first' });
    const end = await first.worker.run();
    return { first, heir, log, left, end, asked };
  }

  it('has each of its records decided once, whichever of its transactions the takeover comes before', async () => {
    const { asked } = await run(Infinity);
    // All, what comes before the poison, it alone, its parking, the rest.
    expect(asked).toBeGreaterThanOrEqual(5);
    for (let nth = 1; nth <= asked; nth++) {
      const { first, heir, log, left, end } = await run(nth);
      if (!heir) throw new Error('It was not taken over.');
      expect({ nth, end }).toEqual({ nth, end: 'FENCED' });
      left.push(log.slice(await world.storedOffset(first.fence)));
      expect(await heir.worker.run()).toBe('CLOSED');

      expect(await world.audited(first.fence)).toEqual(['0 processed', '1 processed', '2 parked', '3 processed']);
      expect(await noted(first)).toEqual([0, 1, 3]);
      expect(await world.lanes(first.fence)).toEqual([`${keyOf(POISON)} retrying 1 1 0 0`]);
      expect(await world.waiting(first.fence, keyOf(POISON))).toEqual([2]);
      expect(await world.storedOffset(first.fence)).toBe(4);
    }
  }, 120_000);
});

// Its promise settles well, and nothing tells that its writes are lost, are not its own, or are still on their way.
describe('a handler that breaks the rules of its transaction', () => {
  const misdeeds: [string, (db: HandlerDatabase) => Promise<unknown>][] = [
    ['swallows an SQL error', (db) => db.query('select 1/0').catch(() => {})],
    [
      'goes without a query that is on its way',
      (db) => {
        db.query('insert into notes select -1, 1 from pg_sleep(0.05)').catch(() => {});
        return Promise.resolve();
      },
    ],
    ['rolls back by itself', (db) => db.query('rollback')],
    ['rolls back and begins anew', (db) => db.query('rollback and chain')],
  ];

  it.each(misdeeds)(
    'has the record parked for which it %s, and that one only, with nothing written for it',
    async (_, misdeed) => {
      const misbehaving = handler('misbehaving', async ({ offset }, { db }) => {
        if (offset === 1n) await misdeed(db);
      });
      const partition = nextPartition++;
      const owner = await world.own([slice(3)], { partition, handlers: [noting(partition), misbehaving] });
      expect(await owner.worker.run()).toBe('CLOSED');
      expect(await world.audited(owner.fence)).toEqual(['0 processed', '1 parked', '2 processed']);
      expect(await noted(owner)).toEqual([0, 2]);
      expect(await world.lanes(owner.fence)).toEqual([`${keyOf(2)} retrying 1 1 0 0`]);
      expect((await world.database.query('select from notes where kafka_partition = -1')).rowCount).toBe(0);
    },
  );

  // What it commits by itself stays, and nobody can undo that. But it commits no claim and no offset: the record is not
  // taken for done.
  it.each(['commit', 'commit and chain'])('takes no record for done by its own %j', async (statement) => {
    const misbehaving = handler('misbehaving', async ({ offset }, { db }) => {
      if (offset === 1n) await db.query(statement);
    });
    const partition = nextPartition++;
    const owner = await world.own([slice(3)], { partition, handlers: [misbehaving] });
    expect(await owner.worker.run()).toBe('CLOSED');
    expect(await world.audited(owner.fence)).toEqual(['0 processed', '1 parked', '2 processed']);
    expect(await world.lanes(owner.fence)).toEqual([`${keyOf(2)} retrying 1 1 0 0`]);
  });
});

// Handlers of two partitions that want the same rows in another order. PostgreSQL ends one of them: it is nobody's fault,
// and parking it would make a lane out of mere traffic.
describe('a deadlock between the handlers of two partitions', () => {
  it.each([
    { where: 'in slices of several', slices: () => [slice(3)] },
    { where: 'in slices of one', slices: () => slice(3).map((record) => [record]) },
  ])('costs one of them a second run, and neither an attempt, $where', async ({ slices }) => {
    const arrived = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let runs = 0;
    const locking = (mine: 0 | 1) =>
      handler('locking', async ({ offset }, { db }) => {
        if (offset !== 1n) return;
        runs += 1;
        const [first, second] = mine === 0 ? ['a', 'b'] : ['b', 'a'];
        const lock = (name: string | undefined) => db.query('select from shared where name = $1 for update', [name]);
        await lock(first);
        arrived[mine]?.resolve();
        await arrived[1 - mine]?.promise;
        await lock(second);
      });
    const own = (mine: 0 | 1) => {
      const partition = nextPartition++;
      return world.own(slices(), { partition, handlers: [noting(partition), locking(mine)] });
    };
    const owners = await Promise.all([own(0), own(1)]);
    expect(await Promise.all(owners.map(({ worker }) => worker.run()))).toEqual(['CLOSED', 'CLOSED']);
    expect(runs).toBeGreaterThan(2);
    for (const owner of owners) {
      expect(await world.audited(owner.fence)).toEqual(['0 processed', '1 processed', '2 processed']);
      expect(await noted(owner)).toEqual([0, 1, 2]);
      expect(await world.lanes(owner.fence)).toEqual([]);
    }
  });
});
