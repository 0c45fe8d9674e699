import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RetryLater, type HandledDelivery, type Handler, type HandlerContext } from '@hookline/handlers';
import { aDelivery } from '@hookline/test-support';
import { createLogWorld, keyOf, type LogWorld } from '../testing/log-world.ts';
import { Breaker } from './breaker.ts';

let world: LogWorld;
let read: LogWorld['read'];

beforeAll(async () => {
  world = await createLogWorld();
  ({ read } = world);
});

afterAll(() => world.close());

type Run = (delivery: HandledDelivery, context: HandlerContext) => Promise<void>;

const handler = (run: Run, more: Partial<Handler> = {}): Handler =>
  ({ kind: 'delivery', name: 'h', on: ['*'], run, ...more }) as Handler;

const fails = (...offsets: number[]): Handler =>
  handler(({ offset }) => (offsets.includes(Number(offset)) ? Promise.reject(new Error('poison')) : Promise.resolve()));

const sqlState = (code: string): string => `do $$ begin raise exception 'as told' using errcode = '${code}'; end $$`;

/** Goes well, and has the COMMIT of its transaction refused. */
const UNKEPT_PROMISE = `create temporary table promised (n integer unique deferrable initially deferred) on commit drop;
                        insert into promised values (1), (1)`;

/** A record of one repository. */
const of = (repository: number, offset: number, delivery = aDelivery({ repository })) => read(offset, delivery);

describe('a record whose handler fails', () => {
  // The promise to all others: one poisoned repository delays itself, and nobody else.
  it('waits in its key’s lane, and all others of its slice are processed', async () => {
    const slice = [of(1, 0), of(2, 1), of(1, 2), of(3, 3)];
    const { worker, fence, errors, woken } = await world.own([slice], { handlers: [fails(1)] });
    expect(await worker.run()).toBe('CLOSED');
    expect(await world.audited(fence)).toEqual(['0 processed', '1 parked', '2 processed', '3 processed']);
    expect(await world.lanes(fence)).toEqual([`${keyOf(2)} retrying 1 1 0 0`]);
    expect(errors).toEqual(['handler: 1 fault, park']);
    expect(woken).toEqual([500]);
    expect(await world.storedOffset(fence)).toBe(4);
  });

  // Parked without the offset it would be run twice, with the offset and not parked it would be lost.
  it('is parked in the very transaction that moves the offset past it', async () => {
    const { worker, fence } = await world.own([[of(1, 0)]], { handlers: [fails(0)] });
    await worker.tick();
    const { rows } = await world.database.query(
      `select count(distinct xmin::text)::int as transactions
         from (select xmin from hookline.partition_offsets where kafka_partition = $1
               union all select xmin from hookline.lanes where kafka_partition = $1
               union all select xmin from hookline.lane_deliveries where kafka_partition = $1
               union all select xmin from hookline.audit_log where kafka_partition = $1) as written`,
      [fence.partition],
    );
    expect(rows).toEqual([{ transactions: 1 }]);
  });

  it('has all that comes behind it under its key wait behind it, in order, over slices and within one', async () => {
    const slices = [[of(1, 0), of(1, 1), of(2, 2), of(1, 3)], [of(1, 4)], [of(2, 5), of(1, 6), of(1, 7)]];
    const { worker, fence } = await world.own(slices, { handlers: [fails(1)] });
    expect(await worker.run()).toBe('CLOSED');
    expect(await world.waiting(fence, keyOf(1))).toEqual([1, 3, 4, 6, 7]);
    expect((await world.audited(fence)).filter((row) => row.endsWith('processed'))).toEqual([
      '0 processed',
      '2 processed',
      '5 processed',
    ]);
  });

  it('is not parked twice when it comes again: its next try is due, and nothing runs', async () => {
    const poisoned = aDelivery({ repository: 1 });
    const behind = aDelivery({ repository: 1 });
    const slices = [
      [of(1, 0, poisoned), of(1, 1, poisoned), of(1, 2, behind)],
      [of(1, 3, behind), of(1, 4, poisoned)],
    ];
    const { worker, fence, woken } = await world.own(slices, { handlers: [fails(0)] });
    expect(await worker.run()).toBe('CLOSED');
    expect(await world.audited(fence)).toEqual(['0 parked', '1 reset', '2 parked', '3 reset', '4 reset']);
    expect(await world.waiting(fence, keyOf(1))).toEqual([0, 2]);
    expect(woken).toEqual([500, 0, 0]);
  });

  it('is found by running the slice one at a time where a slice handler failed', async () => {
    const picky: Handler = {
      kind: 'slice',
      name: 'picky',
      on: ['*'],
      runSlice: (all) =>
        all.some(({ offset }) => offset === 1n) ? Promise.reject(new Error('poison')) : Promise.resolve(),
    };
    const { worker, fence } = await world.own([[of(1, 0), of(2, 1), of(3, 2)]], { handlers: [picky] });
    expect(await worker.run()).toBe('CLOSED');
    expect(await world.audited(fence)).toEqual(['0 processed', '1 parked', '2 processed']);
  });

  it('is processed when it does not fail again alone', async () => {
    let failures = 1;
    const moody = handler(({ offset }) =>
      offset === 1n && failures-- > 0 ? Promise.reject(new Error('once')) : Promise.resolve(),
    );
    const { worker, fence, errors } = await world.own([[of(1, 0), of(1, 1), of(1, 2)]], { handlers: [moody] });
    expect(await worker.run()).toBe('CLOSED');
    expect(await world.audited(fence)).toEqual(['0 processed', '1 processed', '2 processed']);
    expect(errors).toEqual([]);
  });

  it('counts as failed when it takes longer than its handler may', async () => {
    const hangs = handler(() => new Promise(() => {}), { policy: { timeoutMs: 10 } });
    const { worker, fence, errors } = await world.own([[of(1, 0)]], { handlers: [hangs] });
    expect(await worker.run()).toBe('CLOSED');
    expect(errors).toEqual(['handler: 0 fault, park']);
    expect(await world.lanes(fence)).toEqual([`${keyOf(1)} retrying 1 1 0 0`]);
  });

  // A handler that breaks its transaction must not take the partition with it, nor be taken for done.
  it.each<[string, Run]>([
    ['swallows an SQL error', async (_, { db }) => void (await db.query('select nonsense').catch(() => {}))],
    ['commits by itself', async (_, { db }) => void (await db.query('commit'))],
    ['commits and goes on', async (_, { db }) => void (await db.query('commit and chain'))],
    ['rolls back and goes on', async (_, { db }) => void (await db.query('rollback and chain'))],
    ['breaks a constraint that is checked at COMMIT', async (_, { db }) => void (await db.query(UNKEPT_PROMISE))],
    ['leaves a query behind', (_, { db }) => Promise.resolve(void db.query('select pg_sleep(0.01)').catch(() => {}))],
  ])('that %s is parked', async (_, run) => {
    const only = handler((delivery, context) => (delivery.offset === 1n ? run(delivery, context) : Promise.resolve()));
    const { worker, fence } = await world.own([[of(1, 0), of(2, 1), of(3, 2)]], { handlers: [only] });
    expect(await worker.run()).toBe('CLOSED');
    expect(await world.audited(fence)).toEqual(['0 processed', '1 parked', '2 processed']);
  });
});

describe('a failure that is not the record’s', () => {
  it.each(['40001', '40P01', '55P03'])(
    '%s is tried again at once, up to five times, and counts nothing',
    async (code) => {
      let left = 5;
      const contended = handler(async (_, { db }) => {
        if (left-- > 0) await db.query(sqlState(code));
      });
      const { worker, fence, errors } = await world.own([[of(1, 0)]], { handlers: [contended] });
      expect(await worker.run()).toBe('CLOSED');
      expect(errors).toEqual(Array.from({ length: 5 }, () => 'handler: 0 conflict, again'));
      expect(await world.audited(fence)).toEqual(['0 processed']);
    },
  );

  it.each([
    ['40001', 6],
    ['53100', 2],
    ['57P03', 2],
  ])('%s that persists opens the lane after %i runs, without an attempt', async (code, runs) => {
    const broken = handler(async (_, { db }) => void (await db.query(sqlState(code))));
    const { worker, fence, errors } = await world.own([[of(1, 0)]], { handlers: [broken] });
    expect(await worker.run()).toBe('CLOSED');
    expect(errors).toHaveLength(runs);
    expect(await world.lanes(fence)).toEqual([`${keyOf(1)} retrying 1 0 0 1`]);
  });

  it('opens the lane without an attempt when the handler asks for later, and is due then', async () => {
    const later = handler(() => Promise.reject(new RetryLater('their limit is reached', { afterMs: 77_000 })));
    const { worker, fence, woken } = await world.own([[of(1, 0)]], { handlers: [later] });
    expect(await worker.run()).toBe('CLOSED');
    expect(await world.lanes(fence)).toEqual([`${keyOf(1)} retrying 1 0 0 1`]);
    expect(woken).toEqual([77_000]);
  });

  it('is isolated first: a connection that breaks once parks nothing', async () => {
    let broken = 0;
    const unlucky = handler(async ({ offset }, { db }) => {
      if (offset === 1n && broken++ === 0) await db.query('select pg_terminate_backend(pg_backend_pid())');
    });
    const { worker, fence } = await world.own([[of(1, 0), of(2, 1), of(3, 2)]], { handlers: [unlucky] });
    expect(await worker.run()).toBe('CLOSED');
    expect(await world.audited(fence)).toEqual(['0 processed', '1 processed', '2 processed']);
    expect(await world.lanes(fence)).toEqual([]);
  });
});

describe('the breaker', () => {
  const breaker = (keys: number) =>
    new Breaker({ keys, windowMs: 600_000, now: () => performance.now(), onChanged: () => {} });

  // A broken handler would park, and then kill, the whole fleet: the partition waits for it instead.
  it('opens over distinct keys: what fails then is neither parked nor counted, and waits until the handler is mended', async () => {
    let runs = 0;
    const down = handler(() => (++runs <= 12 ? Promise.reject(new Error('all down')) : Promise.resolve()));
    const slice = [of(1, 0), of(2, 1), of(3, 2), of(4, 3), of(5, 4)];
    const { worker, fence, errors } = await world.own([slice], { handlers: [down], breaker: breaker(3) });
    expect(await worker.run()).toBe('CLOSED');
    expect(await world.audited(fence)).toEqual(['0 parked', '1 parked', '2 processed', '3 processed', '4 processed']);
    expect(errors.slice(0, 3)).toEqual(['handler: 0 fault, park', 'handler: 1 fault, park', 'handler: 2 fault, wait']);
    expect(errors.filter((error) => error === 'handler: 2 fault, wait').length).toBeGreaterThan(1);
    expect((await world.lanes(fence)).map((lane) => lane.split(' ').slice(-3))).toEqual([
      ['1', '0', '0'],
      ['1', '0', '0'],
    ]);
  });

  it('stays closed for one key, however often it fails', async () => {
    const one = breaker(2);
    for (let i = 0; i < 10; i++) {
      const { worker } = await world.own([[of(1, 0)]], { handlers: [fails(0)], breaker: one });
      await worker.run();
    }
    expect(one.isOpen('h')).toBe(false);
  });

  it('hears of successes, of each key and handler that ran', async () => {
    const shared = breaker(2);
    const slice = [of(11, 0), of(12, 1), of(13, 2)];
    await (await world.own([slice], { handlers: [fails()], breaker: shared })).worker.run();
    for (const repository of [1, 2]) {
      await (await world.own([[of(repository, 0)]], { handlers: [fails(0)], breaker: shared })).worker.run();
    }
    expect(shared.isOpen('h')).toBe(false);
    let failures = 1;
    const once = handler(() => (failures-- > 0 ? Promise.reject(new Error('once')) : Promise.resolve()));
    const third = await world.own([[of(3, 0)]], { handlers: [once], breaker: shared });
    await third.worker.run();
    // Three of six keys: half. Its own success closes it again.
    expect(third.errors).toEqual(['handler: 0 fault, wait']);
    expect(shared.isOpen('h')).toBe(false);
  });

  it('does not hold up a stop', async () => {
    const closing = new AbortController();
    const down = handler(() => {
      closing.abort(new Error('stopping'));
      return Promise.reject(new Error('all down'));
    });
    const { worker, fence } = await world.own([[of(1, 0)]], {
      handlers: [down],
      breaker: breaker(1),
      signal: new AbortController().signal,
      closing: closing.signal,
    });
    expect(await worker.run()).toBe('CLOSED');
    expect(await world.audited(fence)).toEqual([]);
  });
});

describe('lanes that are full', () => {
  const aboutAKilobyte = (repository: number) =>
    aDelivery({ repository, payload: { noise: randomBytes(1000).toString('hex') } });

  // Without a bound one broken repository fills the disk of all. What cannot wait in a lane waits in the log.
  it('pause the partition before the record for which there is no room, and let it go on by themselves', async () => {
    const slice = [of(1, 0, aboutAKilobyte(1)), of(2, 1), of(1, 2, aboutAKilobyte(1)), of(3, 3)];
    const looks: number[] = [];
    const { worker, fence, errors } = await world.own([slice], {
      handlers: [fails(0)],
      lanes: { keyBytes: 1500, totalBytes: 1_000_000_000 },
      onAdvanced: (_, offset) => void looks.push(Number(offset)),
      waits: {
        retry: { baseMs: 1, maxMs: 2 },
        breaker: { baseMs: 1, maxMs: 2 },
        blameMs: 0,
        get roomMs() {
          // As a lane that runs would.
          void makeRoom();
          return 20;
        },
      },
    });
    async function makeRoom(): Promise<void> {
      await world.database.query('update hookline.lanes set bytes = 0 where kafka_partition = $1', [fence.partition]);
    }
    expect(await worker.run()).toBe('CLOSED');
    expect(looks).toEqual([1, 2, 3, 4]);
    expect(errors).toEqual(['handler: 0 fault, park', 'paused: 2', 'resumed']);
    expect(await world.waiting(fence, keyOf(1))).toEqual([0, 2]);
    expect(await world.audited(fence)).toEqual(['0 parked', '1 processed', '2 parked', '3 processed']);
  });

  it('are looked at together, over all partitions', async () => {
    const first = await world.own([[of(1, 0)]], { handlers: [fails(0)] });
    await first.worker.run();
    const closing = new AbortController();
    const second = await world.own([[of(2, 0)]], {
      handlers: [fails(0)],
      lanes: { keyBytes: 1_000_000, totalBytes: 1 },
      signal: new AbortController().signal,
      closing: closing.signal,
      waits: {
        retry: { baseMs: 1, maxMs: 2 },
        breaker: { baseMs: 1, maxMs: 2 },
        blameMs: 0,
        get roomMs() {
          closing.abort(new Error('stopping'));
          return 1;
        },
      },
    });
    expect(await second.worker.run()).toBe('CLOSED');
    expect(second.errors).toEqual(['handler: 0 fault, park', 'paused: 0']);
    expect(await world.storedOffset(second.fence)).toBe(0);
  });
});
