import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeRanges, type Database } from '@hookline/database';
import { RetryLater } from '@hookline/handlers';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo, until } from '@hookline/test-support';
import {
  audited,
  begun,
  claimed,
  deadLetters,
  FAILED_ONCE,
  handler,
  laneOf,
  ownLanes,
  park,
  untilNoneRetries as untilNoLane,
  type LaneWorld,
} from '../testing/lane-world.ts';

let testDb: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDb = await testDatabase();
  database = connectTo(testDb.url);
  await makeRanges(database);
  await database.query('create table effects (partition int, handler text, off bigint, n bigserial)');
});
afterAll(async () => {
  await database.close();
  await testDb.drop();
});

/** A handler that writes a row per delivery, unless `fails` says otherwise. */
function writing(name: string, fails: (offset: number) => Error | null = () => null, policy = {}) {
  return handler(
    name,
    async ({ offset, partition }, { db }) => {
      await db.query('insert into effects values ($1, $2, $3)', [partition, name, offset]);
      const error = fails(Number(offset));
      if (error) throw error;
    },
    policy,
  );
}

async function effects(partition: number): Promise<string[]> {
  const { rows } = await database.query<{ said: string }>(
    `select handler || ' ' || off as said from effects where partition = $1 order by n`,
    [partition],
  );
  return rows.map(({ said }) => said);
}

const untilNoneRetries = (world: LaneWorld) => untilNoLane(database, world);

describe('the lanes of a partition', () => {
  it('asks for nothing while none is open, and runs one as soon as a slice has opened it', async () => {
    const world = await ownLanes(database, [writing('w')]);
    expect(await world.runner.tick()).toBe(null);
    await park(database, world.fence, 'a', [1]);
    const running = world.runner.run();
    world.runner.wake();
    await until('the lane is closed', async () => ((await laneOf(database, world.fence, 'a')) ? undefined : true));
    world.runner.stop(false);
    expect(await running).toBe('STOPPED');
    expect(world.said).toEqual(['processed']);
  });

  it('runs each delivery once and in order, the head that failed alone, then the others together', async () => {
    const world = await ownLanes(database, [writing('w')], { limits: { records: 3, bytes: 1_000_000 } });
    await park(database, world.fence, 'a', [1, 2, 3, 4, 5, 6]);
    await untilNoneRetries(world);
    expect(await effects(world.fence.partition)).toEqual([1, 2, 3, 4, 5, 6].map((offset) => `w ${offset}`));
    expect(await claimed(database, world.fence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await audited(database, world.fence)).toEqual([1, 2, 3, 4, 5, 6].map((offset) => `${offset} processed`));
    expect(world.said).toEqual(['processed', 'processed', 'processed']);
    expect(await begun(database, world.fence)).toEqual([]);
  });

  it('takes no more bytes into one run than a slice may', async () => {
    const world = await ownLanes(database, [writing('w')], { limits: { records: 100, bytes: 1 } });
    await park(database, world.fence, 'a', [1, 2, 3]);
    await untilNoneRetries(world);
    expect(world.said).toEqual(['processed', 'processed', 'processed']);
  });

  // What has failed is retried with its key behind it; other keys must not wait for it.
  it('retries the head with its count, and runs other lanes meanwhile', async () => {
    let failures = 1;
    const world = await ownLanes(database, [
      writing('w', (offset) => (offset === 1 && failures-- > 0 ? new Error('again') : null)),
    ]);
    await park(database, world.fence, 'a', [1, 2]);
    await park(database, world.fence, 'b', [3]);
    await untilNoneRetries(world);
    expect(await effects(world.fence.partition)).toEqual(expect.arrayContaining(['w 1', 'w 2', 'w 3']));
    const { rows } = await database.query(
      `select attempt, detail, handler from hookline.audit_log where kafka_partition = $1 and decision = 'retried'`,
      [world.fence.partition],
    );
    expect(rows).toEqual([{ attempt: 2, detail: 'again', handler: 'w' }]);
  });

  it('finds a record that fails among several: what comes before is committed, and nothing is counted for it', async () => {
    const world = await ownLanes(database, [writing('w', (offset) => (offset === 4 ? new Error('poison') : null))], {
      policy: { maxAttempts: 2, maxKills: 2, retry: { baseMs: 2, maxMs: 4 } },
    });
    await park(database, world.fence, 'a', [1, 2, 3, 4, 5]);
    await untilNoneRetries(world);
    expect(world.said).toEqual([
      'processed',
      'isolated',
      'processed',
      'retried',
      'retried',
      'dead-lettered',
      'processed',
    ]);
    expect(await effects(world.fence.partition)).toEqual(['w 1', 'w 2', 'w 3', 'w 5']);
    expect(await deadLetters(database, world.fence)).toEqual(['4 w handler-failed 3']);
    expect(await claimed(database, world.fence)).toEqual([1, 2, 3, 4, 5]);
  });

  it('runs one at a time where a slice handler fails, and nobody can say for which', async () => {
    const slice = {
      kind: 'slice' as const,
      name: 's',
      on: ['*'],
      runSlice: (all: { offset: bigint }[]) =>
        all.some(({ offset }) => offset === 3n) && all.length > 1
          ? Promise.reject(new Error('one'))
          : Promise.resolve(),
    };
    const world = await ownLanes(database, [slice]);
    await park(database, world.fence, 'a', [1, 2, 3]);
    await untilNoneRetries(world);
    expect(world.said).toEqual(['processed', 'isolated', 'processed', 'processed']);
  });

  describe('whose head cannot be handled', () => {
    // The handler that succeeds has done its work: taking it back because of another would lose it, running it again double it.
    it('writes a dead letter for the handler that fails, keeps what the others wrote, once, and goes on', async () => {
      const handlers = [
        writing('first'),
        writing('fails', (offset) => (offset === 1 ? new Error('broken 17') : null)),
        writing('last'),
      ];
      const world = await ownLanes(database, handlers);
      await park(database, world.fence, 'a', [1, 2]);
      await untilNoneRetries(world);
      expect(await effects(world.fence.partition)).toEqual(['first 1', 'last 1', 'first 2', 'fails 2', 'last 2']);
      expect(await deadLetters(database, world.fence)).toEqual(['1 fails handler-failed 4']);
      expect(await audited(database, world.fence)).toEqual([
        '1 retried fails',
        '1 retried fails',
        '1 dead-lettered fails',
        '2 processed',
      ]);
      const { rows } = await database.query(
        `select error_message, error_stack like '%broken 17%' as stack, event, guid is not null as guid,
                body is not null as body
           from hookline.dead_letters join hookline.dead_deliveries using (kafka_partition, kafka_offset)
          where kafka_partition = $1`,
        [world.fence.partition],
      );
      expect(rows).toEqual([{ error_message: 'broken 17', stack: true, event: 'issues', guid: true, body: true }]);
      expect(await metric(world, 'hookline_dead_letters_total')).toBe(1);
    });

    it('is processed after all when its last run succeeds', async () => {
      let runs = 0;
      const world = await ownLanes(database, [writing('w', () => (++runs <= 2 ? new Error('not yet') : null))]);
      await park(database, world.fence, 'a', [1]);
      await untilNoneRetries(world);
      expect(await audited(database, world.fence)).toEqual(['1 retried w', '1 retried w', '1 processed']);
      expect(await deadLetters(database, world.fence)).toEqual([]);
      expect(await effects(world.fence.partition)).toEqual(['w 1']);
    });

    it('waits for an operator where the handler asks for it, with what comes behind it', async () => {
      const world = await ownLanes(database, [
        writing('w', (offset) => (offset === 1 ? new Error('no') : null), { onExhausted: 'hold', maxAttempts: 1 }),
      ]);
      await park(database, world.fence, 'a', [1, 2]);
      await untilNoneRetries(world);
      expect(await laneOf(database, world.fence, 'a')).toMatchObject({ state: 'held', records: 1, attempts: 0 });
      expect(await audited(database, world.fence)).toEqual(['1 dead-lettered w', '1 held']);
      expect(await effects(world.fence.partition)).toEqual([]);
    });

    it('stays held when nothing is left in it', async () => {
      const world = await ownLanes(database, [
        writing('w', () => new Error('no'), { onExhausted: 'hold', maxAttempts: 1 }),
      ]);
      await park(database, world.fence, 'a', [1]);
      await untilNoneRetries(world);
      expect(await laneOf(database, world.fence, 'a')).toMatchObject({ state: 'held', records: 0 });
    });

    it("counts a handler's own limit, and one that takes too long", async () => {
      const hangs = handler('hangs', () => new Promise(() => {}), { maxAttempts: 2, timeoutMs: 5 });
      const world = await ownLanes(database, [hangs]);
      await park(database, world.fence, 'a', [1]);
      await untilNoneRetries(world);
      expect(await deadLetters(database, world.fence)).toEqual(['1 hangs handler-failed 3']);
      expect(world.said).toEqual(['retried', 'dead-lettered']);
    });

    // The transaction is refused at its COMMIT, outside every handler: the record that caused it must still be found.
    it('counts what its handlers wrote and PostgreSQL refuses at the end', async () => {
      await database.query('create table checked (id int unique deferrable initially deferred)');
      await database.query('insert into checked values (1)');
      const late = handler('late', async (_, { db }) => void (await db.query('insert into checked values (1)')));
      const world = await ownLanes(database, [late]);
      await park(database, world.fence, 'a', [1]);
      await untilNoneRetries(world);
      expect(await deadLetters(database, world.fence)).toEqual(['1 late handler-failed 4']);
    });

    // Refused by none of the codes of data: tried again for ever, it would never be dead, and its repository never go on.
    it.each([
      ['raises in a deferred trigger', 'insert into guarded values (1)'],
      ['takes a role that may not write our tables', 'create role lane_nobody; set local role lane_nobody'],
    ])('counts a handler that %s', async (_, sql) => {
      await database.query(
        `create table if not exists guarded (n int);
         create or replace function guard() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
         drop trigger if exists guard on guarded;
         create constraint trigger guard after insert on guarded deferrable initially deferred
                for each row execute function guard()`,
      );
      const world = await ownLanes(database, [handler('bad', async (__, { db }) => void (await db.query(sql)))]);
      await park(database, world.fence, 'a', [1]);
      await untilNoneRetries(world);
      expect(await deadLetters(database, world.fence)).toEqual(['1 bad handler-failed 4']);
    });

    it('counts a handler that ends the transaction and begins another: its claim would be lost', async () => {
      const chains = handler('chains', async (_, { db }) => void (await db.query('commit and chain')));
      const world = await ownLanes(database, [chains]);
      await park(database, world.fence, 'a', [1]);
      await untilNoneRetries(world);
      expect(await deadLetters(database, world.fence)).toEqual(['1 chains handler-failed 4']);
    });
  });

  // Claimed, the delivery would be a duplicate for the handler that comes back, and said to be processed by nobody.
  describe('whose handlers a deploy has removed', () => {
    it('lets what waits go unclaimed, and says so, record by record', async () => {
      const others = { ...writing('w'), on: ['push'] };
      const world = await ownLanes(database, [others]);
      await park(database, world.fence, 'a', [1, 2, 3]);
      await untilNoneRetries(world);
      expect(await audited(database, world.fence)).toEqual(['1 ignored', '2 ignored', '3 ignored']);
      expect(await claimed(database, world.fence)).toEqual([]);
    });

    it.each([
      ['started', ['1 ignored'], []],
      ['processed', ['1 processed'], [1]],
      ['dead', ['1 dead-lettered gone'], [1]],
    ])('ends a last run that noted the handler as %s', async (outcome, decisions, claims) => {
      const world = await ownLanes(database, [{ ...writing('w'), on: ['push'] }]);
      await park(database, world.fence, 'a', [1]);
      await database.query('update hookline.lane_deliveries set last_run = $2 where kafka_partition = $1', [
        world.fence.partition,
        JSON.stringify({ gone: outcome }),
      ]);
      await untilNoneRetries(world);
      expect(await audited(database, world.fence)).toEqual(decisions);
      expect(await claimed(database, world.fence)).toEqual(claims);
    });
  });

  describe('does not count', () => {
    it('what a handler puts off, and waits as long as it asks', async () => {
      let runs = 0;
      const world = await ownLanes(database, [
        writing('w', () => (++runs <= 6 ? new RetryLater('busy', { afterMs: 1 }) : null)),
      ]);
      await park(database, world.fence, 'a', [1]);
      await untilNoneRetries(world);
      expect(world.said).toEqual([...Array.from({ length: 6 }, () => 'deferred'), 'processed']);
      expect(await effects(world.fence.partition)).toEqual(['w 1']);
    });

    it('what a handler puts off in its last run: it has that run again', async () => {
      let runs = 0;
      const world = await ownLanes(database, [
        writing('done'),
        writing('w', () => (++runs <= 3 ? new RetryLater('busy', { afterMs: 1 }) : null)),
      ]);
      await park(database, world.fence, 'a', [1], { ...FAILED_ONCE, attempts: 3 });
      await untilNoneRetries(world);
      expect(world.said).toEqual(['deferred', 'deferred', 'deferred', 'processed']);
      expect(await effects(world.fence.partition)).toEqual(['done 1', 'w 1']);
    });

    it('a conflict in the database: it is run again at once, then put off', async () => {
      let runs = 0;
      const conflicts = handler('c', async (_, { db }) => {
        runs += 1;
        if (runs <= 6) await db.query("do $$ begin raise exception 'x' using errcode = '40001'; end $$");
      });
      const world = await ownLanes(database, [conflicts]);
      await park(database, world.fence, 'a', [1]);
      await untilNoneRetries(world);
      expect(world.said).toEqual(['deferred', 'processed']);
      expect(runs).toBe(7);
    });

    // Many keys that fail alike are not the records' fault: without this a broken handler would bury the whole fleet.
    it('failures while the breaker is open, not even in a last run', async () => {
      let broken = true;
      const world = await ownLanes(database, [writing('w', () => (broken ? new Error('down') : null))]);
      for (let i = 0; i < 30; i++) world.breaker.failed('w', `other ${i}`);
      await park(database, world.fence, 'a', [1]);
      await park(database, world.fence, 'b', [2], { ...FAILED_ONCE, attempts: 3 });
      const done = untilNoneRetries(world);
      await until('both were put off', () =>
        Promise.resolve(world.said.filter((said) => said === 'deferred').length > 3 || undefined),
      );
      broken = false;
      await done;
      expect(world.said).not.toContain('retried');
      expect(await deadLetters(database, world.fence)).toEqual([]);
      expect((await effects(world.fence.partition)).toSorted(undefined)).toEqual(['w 1', 'w 2']);
    });

    // COMMIT took effect and its reply is lost: run again, the same records would be handled twice.
    it('a COMMIT without a reply: what it has done is not done again', async () => {
      let lose = false;
      let lost = 0;
      const lossy: Database = {
        ...database,
        async acquire() {
          const client = await database.acquire();
          return {
            ...client,
            query: async (text, values) => {
              const result = await client.query(text, values);
              if (text.includes('insert into hookline.processed_deliveries')) lose = lost === 0;
              if (text === 'commit' && lose) {
                lose = false;
                lost += 1;
                throw new Error('Connection terminated unexpectedly');
              }
              return result as never;
            },
          };
        },
      };
      const world = await ownLanes(lossy, [writing('w')]);
      await park(database, world.fence, 'a', [1, 2]);
      await untilNoneRetries(world);
      expect(world.said).toEqual(['error: Connection terminated unexpectedly', 'processed']);
      expect(await effects(world.fence.partition)).toEqual(['w 1', 'w 2']);
      expect(await audited(database, world.fence)).toEqual(['1 processed', '2 processed']);
    });

    it('an error outside handlers: it waits and tries again', async () => {
      let refused = 0;
      const flaky: Database = {
        ...database,
        async acquire() {
          const client = await database.acquire();
          return {
            ...client,
            query: async (text, values) => {
              if (text.includes('insert into hookline.processed_deliveries') && refused++ < 2) {
                throw Object.assign(new Error('away'), { code: 'ECONNRESET' });
              }
              return (await client.query(text, values)) as never;
            },
          };
        },
      };
      const world = await ownLanes(flaky, [writing('w')]);
      await park(database, world.fence, 'a', [1]);
      await untilNoneRetries(world);
      expect(world.said).toEqual(['error: away', 'error: away', 'processed']);
      expect(await audited(database, world.fence)).toEqual(['1 processed']);
      expect(await begun(database, world.fence)).toEqual([]);
    });
  });

  it('tells how much waits, in sum over the partitions of the process', async () => {
    const world = await ownLanes(database, [writing('w')]);
    await park(database, world.fence, 'a', [1, 2], { ...FAILED_ONCE, dueInMs: 60_000 });
    await park(database, world.fence, 'b', [3], { ...FAILED_ONCE, dueInMs: 60_000 });
    const next = await world.runner.tick();
    expect(next).toBeGreaterThan(0);
    expect(await metric(world, 'hookline_lanes_open')).toBe(2);
    expect(await metric(world, 'hookline_lane_records')).toBe(3);
    expect(await metric(world, 'hookline_lane_bytes')).toBeGreaterThan(0);
    expect(Math.abs((await metric(world, 'hookline_lane_oldest_timestamp_seconds')) - Date.now() / 1000)).toBeLessThan(
      60,
    );
    world.runner.stop(false);
    await world.runner.run();
    expect(await metric(world, 'hookline_lanes_open')).toBe(0);
    expect(await metric(world, 'hookline_lane_oldest_timestamp_seconds')).toBe(0);
  });
});

async function metric({ metrics }: LaneWorld, name: string): Promise<number> {
  const values = (await metrics.registry.getSingleMetric(name)?.get())?.values ?? [];
  return values.reduce((sum, { value }) => sum + value, 0);
}
