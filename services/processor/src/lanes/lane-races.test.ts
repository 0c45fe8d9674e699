import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  checkEpoch,
  commit,
  fencedTransaction,
  makeRanges,
  rollback,
  takeOverPartition,
  type Database,
} from '@hookline/database';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo, startProgram, until } from '@hookline/test-support';
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
} from '../testing/lane-world.ts';

let testDb: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDb = await testDatabase();
  database = connectTo(testDb.url);
  await makeRanges(database);
  await database.query('create table shared (id int primary key, n int)');
  await database.query('insert into shared select n, 0 from generate_series(1, 20) n');
});
afterAll(async () => {
  await database.close();
  await testDb.drop();
});

interface Gate {
  opened: Promise<void>;
  open(): void;
}
function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** The database, with a stop before each statement that matches. */
function stoppingBefore(statement: string, reached: Gate, goOn: Gate): Database {
  return {
    ...database,
    async acquire() {
      const client = await database.acquire();
      return {
        ...client,
        query: async (text, values) => {
          if (text.includes(statement)) {
            reached.open();
            await goOn.opened;
          }
          return (await client.query(text, values)) as never;
        },
      };
    },
  };
}

const counts = () => {
  const ran: number[] = [];
  return { ran, handler: handler('w', ({ offset }) => Promise.resolve(void ran.push(Number(offset)))) };
};

// A record that was appended to a lane that closes would never run: the offset is behind it already.
describe('a new record for a key at the very closing of its lane', () => {
  it('is run when a slice appends it before the lane has the fence: the lane looks again and stays open', async () => {
    const reached = gate();
    const goOn = gate();
    const { ran, handler: w } = counts();
    const world = await ownLanes(stoppingBefore('for update', reached, goOn), [w]);
    await park(database, world.fence, 'a', [1]);
    const running = world.runner.run();
    await reached.opened;
    await park(database, world.fence, 'a', [2], null);
    goOn.open();
    await until('the lane is closed', async () => ((await laneOf(database, world.fence, 'a')) ? undefined : true));
    world.runner.stop(false);
    await running;
    expect(ran).toEqual([1, 2]);
    expect(await claimed(database, world.fence)).toEqual([1, 2]);
  });

  it('finds no lane when the lane has the fence first: the slice runs it, behind the one that has left', async () => {
    const reached = gate();
    const goOn = gate();
    const { ran, handler: w } = counts();
    const world = await ownLanes(stoppingBefore('delete from hookline.lanes', reached, goOn), [w]);
    await park(database, world.fence, 'a', [1]);
    const running = world.runner.run();
    await reached.opened;
    const slice = fencedTransaction(database, world.fence, {}, async (tx) => {
      const { rowCount } = await tx.query('select from hookline.lanes where kafka_partition = $1', [
        world.fence.partition,
      ]);
      return rollback({ success: true as const, openLanes: rowCount });
    });
    await until('the slice waits for the fence', async () => {
      const { rowCount } = await database.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%partition_offsets%'`,
      );
      return rowCount === 1 || undefined;
    });
    goOn.open();
    expect(await slice).toEqual({ success: true, openLanes: 0 });
    world.runner.stop(false);
    await running;
    expect(ran).toEqual([1]);
  });
});

describe('a lane whose partition has another owner', () => {
  it('commits nothing, and ends the ownership, when it was taken over before its run', async () => {
    const { ran, handler: w } = counts();
    const world = await ownLanes(database, [w]);
    await park(database, world.fence, 'a', [1]);
    await takeOverPartition(database, world.fence, 'heir', 0n);
    expect(await world.runner.run()).toBe('FENCED');
    expect(world.said).toContain('fenced out');
    expect(ran).toEqual([]);
    expect(await claimed(database, world.fence)).toEqual([]);
  });

  // It holds rows of users without holding the fence: nobody would wait for it there, and nothing would end it.
  it('is ended in the middle of its handler, with the rows that it holds, and the heir goes on', async () => {
    const inHandler = gate();
    const goOn = gate();
    const updates = (waits: boolean) =>
      handler('u', async (_, { db }) => {
        await db.query('update shared set n = n + 1 where id = 1');
        if (!waits) return;
        inHandler.open();
        await goOn.opened;
      });
    const zombie = await ownLanes(database, [updates(true)]);
    await park(database, zombie.fence, 'a', [1]);
    const zombieRuns = zombie.runner.run();
    await inHandler.opened;
    const heir = await ownLanes(database, [updates(false)], { partition: zombie.fence.partition });
    const heirRuns = heir.runner.run();
    await until('the heir has closed the lane', async () =>
      (await laneOf(database, heir.fence, 'a')) ? undefined : true,
    );
    goOn.open();
    expect(await zombieRuns).toBe('FENCED');
    heir.runner.stop(false);
    await heirRuns;
    const { rows } = await database.query('select n from shared where id = 1');
    expect(rows).toEqual([{ n: 1 }]);
    expect(await claimed(database, heir.fence)).toEqual([1]);
  });

  it('commits nothing when it is taken over between its handlers and the fence', async () => {
    const reached = gate();
    const goOn = gate();
    const { handler: w } = counts();
    const world = await ownLanes(stoppingBefore('for update', reached, goOn), [w]);
    await park(database, world.fence, 'a', [1]);
    const running = world.runner.run();
    await reached.opened;
    await database.query('update hookline.partition_offsets set epoch = epoch + 1 where kafka_partition = $1', [
      world.fence.partition,
    ]);
    goOn.open();
    expect(await running).toBe('FENCED');
    expect(await claimed(database, world.fence)).toEqual([]);
    expect(await audited(database, world.fence)).toEqual([]);
    expect(await begun(database, world.fence)).toEqual([]);
  });
});

// The lane has the user's row and wants the fence, the slice has the fence and wants the row. PostgreSQL would end one of
// them after a second, and perhaps the slice.
describe('a lane that holds a row which a slice waits for', () => {
  it('gives way at once, uncounted, and the slice goes on before PostgreSQL would look for a deadlock', async () => {
    const lane = gate();
    const slice = gate();
    let runs = 0;
    const updates = handler('u', async (_, { db }) => {
      runs += 1;
      await db.query('update shared set n = n + 1 where id = 2');
      if (runs > 1) return;
      lane.open();
      await slice.opened;
    });
    const world = await ownLanes(database, [updates], { transaction: { lockTimeoutMs: 60_000 } });
    await park(database, world.fence, 'a', [1]);
    const running = world.runner.run();
    await lane.opened;
    const giveBack = await world.turn.take(new AbortController().signal);
    const sliceEnds = fencedTransaction(database, world.fence, {}, async (tx) => {
      // Neither PostgreSQL's look for deadlocks nor the lane's longest wait may be what ends this.
      await tx.query(`set local deadlock_timeout = '60s'; set local lock_timeout = '3s'`);
      slice.open();
      await tx.query('update shared set n = n + 10 where id = 2');
      return commit({ success: true as const });
    }).finally(giveBack);
    expect(await sliceEnds).toEqual({ success: true });
    await until('the lane is closed', async () => ((await laneOf(database, world.fence, 'a')) ? undefined : true));
    world.runner.stop(false);
    await running;
    expect(world.said).toEqual(['gave-way', 'processed']);
    expect(await audited(database, world.fence)).toEqual(['1 processed']);
    const { rows } = await database.query('select n from shared where id = 2');
    expect(rows).toEqual([{ n: 11 }]);
  });

  it('waits for its turn where nobody waits for it, however long the slice takes within the bound', async () => {
    const { handler: w } = counts();
    const world = await ownLanes(database, [w]);
    await park(database, world.fence, 'a', [1]);
    const giveBack = await world.turn.take(new AbortController().signal);
    const running = world.runner.run();
    await until('the lane has run its handler and waits', async () => {
      const { rowCount } = await database.query(
        `select from pg_stat_activity where application_name like '%/${world.fence.partition}/${world.fence.epoch}'
            and state = 'idle in transaction' and query like '%pg_blocking_pids%'`,
      );
      return rowCount === 1 || undefined;
    });
    giveBack();
    await until('the lane is closed', async () => ((await laneOf(database, world.fence, 'a')) ? undefined : true));
    world.runner.stop(false);
    await running;
    expect(world.said).toEqual(['processed']);
  });
});

describe('a run that is given up', () => {
  it('ends at once when the partition is lost, leaves no note of itself, and counts nothing', async () => {
    const lost = new AbortController();
    const hangs = handler('h', () => {
      lost.abort(new Error('rebalanced'));
      return new Promise(() => {});
    });
    const world = await ownLanes(database, [hangs], { signal: lost.signal });
    await park(database, world.fence, 'a', [1]);
    expect(await world.runner.run()).toBe('STOPPED');
    expect(await begun(database, world.fence)).toEqual([]);
    expect(await laneOf(database, world.fence, 'a')).toMatchObject({ attempts: 1, kills: 0, deferrals: 0 });
  });

  it('is waited for when the partition is drained, and no other is begun', async () => {
    const closing = new AbortController();
    const goOn = gate();
    const ran: number[] = [];
    const slow = handler('s', async ({ offset }) => {
      expect(await begun(database, world.fence)).toHaveLength(1);
      closing.abort();
      ran.push(Number(offset));
      await goOn.opened;
    });
    const world = await ownLanes(database, [slow], { closing: closing.signal });
    await park(database, world.fence, 'a', [1, 2]);
    const running = world.runner.run();
    await until('it runs', () => Promise.resolve(ran.length > 0 || undefined));
    goOn.open();
    expect(await running).toBe('STOPPED');
    expect(ran).toEqual([1]);
    expect(await claimed(database, world.fence)).toEqual([1]);
    expect(await begun(database, world.fence)).toEqual([]);
  });
});

// What kills its process leaves nothing but its open start; what was rolled back by a deploy must not look like it.
describe('a run that another process has begun and not ended', () => {
  const start = (records: number, firstPosition: number, by = 'dead', key = 'a') => ({
    stage: 'lane' as const,
    orderingKey: key,
    firstPosition: BigInt(firstPosition),
    records,
    owner: by,
  });

  async function noteStart(partition: number, records: number, firstPosition = 0): Promise<void> {
    await database.query(
      `insert into hookline.record_starts
              (consumer_group, topic, kafka_partition, stage, ordering_key, first_position, records, epoch, owner)
       values ('g', 't', $1, 'lane', 'a', $2, $3, 1, 'dead')`,
      [partition, firstPosition, records],
    );
  }

  async function untilClosed(world: Awaited<ReturnType<typeof ownLanes>>): Promise<void> {
    const running = world.runner.run();
    await until('the lane is closed', async () => ((await laneOf(database, world.fence, 'a')) ? undefined : true));
    world.runner.stop(false);
    await running;
  }

  it('of one record counts as a kill and an attempt, once', async () => {
    const first = await ownLanes(database, []);
    await park(database, first.fence, 'a', [1]);
    await noteStart(first.fence.partition, 1);
    const { handler: w } = counts();
    const heir = await ownLanes(database, [w], { partition: first.fence.partition });
    await heir.runner.tick();
    await until('it is settled', () => Promise.resolve(heir.said.length > 0 || undefined));
    expect(heir.said).toEqual(['killed']);
    expect(await laneOf(database, heir.fence, 'a')).toMatchObject({ attempts: 2, kills: 1 });
    await untilClosed(heir);
    expect(heir.said).toEqual(['killed', 'processed']);
    expect(await begun(database, heir.fence)).toEqual([]);
  });

  it('of several blames nobody: they run one at a time, and those behind them together again', async () => {
    const first = await ownLanes(database, []);
    await park(database, first.fence, 'a', [1, 2, 3, 4, 5], { ...FAILED_ONCE, attempts: 0 });
    await noteStart(first.fence.partition, 3);
    const { handler: w } = counts();
    const heir = await ownLanes(database, [w], { partition: first.fence.partition });
    await untilClosed(heir);
    expect(heir.said).toEqual(['careful', 'processed', 'processed', 'processed', 'processed']);
    expect(await audited(database, heir.fence)).not.toContain('1 dead-lettered');
  });

  it('is nothing when its process has taken it back since', async () => {
    const first = await ownLanes(database, []);
    await park(database, first.fence, 'a', [1]);
    const { handler: w } = counts();
    const heir = await ownLanes(database, [w], { partition: first.fence.partition, starts: [start(1, 0)] });
    await untilClosed(heir);
    expect(heir.said).toEqual(['processed']);
  });

  it('is not looked at before its process has had the time to take it back', async () => {
    const first = await ownLanes(database, []);
    await park(database, first.fence, 'a', [1]);
    await noteStart(first.fence.partition, 1);
    let now = 0;
    const { handler: w, ran } = counts();
    const heir = await ownLanes(database, [w], {
      partition: first.fence.partition,
      blameAfterMs: 3000,
      clock: { monotonic: () => now },
    });
    await heir.runner.tick();
    expect(await heir.runner.tick()).toBe(1000);
    expect([ran, heir.said]).toEqual([[], []]);
    await database.query('delete from hookline.record_starts where kafka_partition = $1', [heir.fence.partition]);
    now = 3000;
    await untilClosed(heir);
    expect(heir.said).toEqual(['processed']);
  });

  // A record that kills whatever runs it must end, or it takes every heir with it.
  it('in its last run is dead when processes have died of it too often, and the other handlers still run', async () => {
    const first = await ownLanes(database, []);
    await park(database, first.fence, 'a', [1], { ...FAILED_ONCE, attempts: 1, kills: 1 });
    await database.query(
      `update hookline.lane_deliveries set last_run = '{"killer": "started"}' where kafka_partition = $1`,
      [first.fence.partition],
    );
    await noteStart(first.fence.partition, 1);
    const ran: string[] = [];
    const named = (name: string) => handler(name, () => Promise.resolve(void ran.push(name)));
    const heir = await ownLanes(database, [named('killer'), named('other')], { partition: first.fence.partition });
    await untilClosed(heir);
    expect(ran).toEqual(['other']);
    const { rows } = await database.query(
      'select handler, reason from hookline.dead_letters where kafka_partition = $1',
      [heir.fence.partition],
    );
    expect(rows).toEqual([{ handler: 'killer', reason: 'process-killed' }]);
    expect(heir.said).toEqual(['killed', 'dead-lettered']);
  });

  it('in its last run is run once more where it was its first: it can have been an eviction', async () => {
    const first = await ownLanes(database, []);
    await park(database, first.fence, 'a', [1], { ...FAILED_ONCE, attempts: 3 });
    await database.query(
      `update hookline.lane_deliveries set last_run = '{"w": "started"}' where kafka_partition = $1`,
      [first.fence.partition],
    );
    await noteStart(first.fence.partition, 1);
    const { handler: w, ran } = counts();
    const heir = await ownLanes(database, [w], { partition: first.fence.partition });
    await untilClosed(heir);
    expect(ran).toEqual([1]);
    expect(heir.said).toEqual(['killed', 'processed']);
  });

  it('that reaches the limit of kills has its last run next', async () => {
    const first = await ownLanes(database, []);
    await park(database, first.fence, 'a', [1], { ...FAILED_ONCE, kills: 1 });
    await noteStart(first.fence.partition, 1);
    const fails = handler('w', () => Promise.reject(new Error('still')));
    const heir = await ownLanes(database, [fails], { partition: first.fence.partition });
    await untilClosed(heir);
    expect(heir.said).toEqual(['killed', 'dead-lettered']);
  });

  // The other way round, the heir would run the handler again that had committed, or forget the one that had not.
  it('in its last run is gone on with behind the handlers that have their end', async () => {
    const zombie = await ownLanes(database, [], {});
    await park(database, zombie.fence, 'a', [1], { ...FAILED_ONCE, attempts: 3 });
    const { partition } = zombie.fence;
    const ran: string[] = [];
    const inSecond = gate();
    const first = handler('first', () => Promise.resolve(void ran.push('first')));
    const hangs = handler('second', () => {
      inSecond.open();
      return new Promise(() => {});
    });
    const lost = new AbortController();
    const before = await ownLanes(database, [first, hangs], { partition, signal: lost.signal });
    const beforeRuns = before.runner.run();
    await inSecond.opened;
    expect(await begun(database, before.fence)).toHaveLength(1);
    lost.abort(new Error('rebalanced'));
    await beforeRuns;
    const second = handler('second', () => Promise.resolve(void ran.push('second')));
    const heir = await ownLanes(database, [first, second], { partition });
    await untilClosed(heir);
    expect(ran).toEqual(['first', 'second']);
    expect(heir.said).toEqual(['processed']);
  });

  // Out of memory, an endless loop: there is no last word of the process but what it noted before.
  it('is found although the process leaves no word, the other handlers run once, and no other lane is blamed', async () => {
    const world = await ownLanes(database, []);
    await park(database, world.fence, 'a', [666, 1]);
    await park(database, world.fence, 'b', [2, 3]);
    await database.query('create table if not exists effects (off bigint)');
    const ends: (string | null)[] = [];
    for (let processes = 0; processes < 10 && ends.at(-1) !== null; processes++) {
      const { ended } = startProgram({
        main: 'services/processor/src/testing/lane-process.ts',
        args: [testDb.url, String(world.fence.partition)],
      });
      const { code, signal, stderr } = await ended;
      if (signal === null && code !== 0) throw new Error(stderr);
      ends.push(signal);
    }
    // Two deaths that count, then the last run of the handler that kills.
    expect(ends).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL', null]);
    expect(await deadLetters(database, world.fence)).toEqual(['666 killer process-killed 4']);
    const { rows } = await database.query<{ off: string }>('select off from effects order by off');
    expect(rows.map(({ off }) => Number(off))).toEqual([1, 2, 3, 666]);
    expect(await claimed(database, world.fence)).toEqual([1, 2, 3, 666]);
  });

  it('runs as a suspect alone in the process, so that an innocent is not blamed for the next death', async () => {
    const world = await ownLanes(database, [], {});
    await park(database, world.fence, 'a', [1], { ...FAILED_ONCE, kills: 1 });
    await park(database, world.fence, 'b', [2], { ...FAILED_ONCE, kills: 1 });
    let at = 0;
    let most = 0;
    const goOn = gate();
    const counted = handler('w', async (_, { db }) => {
      most = Math.max(most, ++at);
      await db.query('select 1');
      at -= 1;
    });
    const heir = await ownLanes(database, [counted], { partition: world.fence.partition });
    goOn.open();
    await untilClosed(heir);
    expect(most).toBe(1);
  });
});

describe('besides its lanes', () => {
  it('nobody else than the owner of the epoch passes the look at the epoch', async () => {
    const world = await ownLanes(database, []);
    expect(await checkEpoch(database, world.fence)).toBe(true);
    expect(await checkEpoch(database, { ...world.fence, epoch: world.fence.epoch + 1n })).toBe(false);
  });
});
