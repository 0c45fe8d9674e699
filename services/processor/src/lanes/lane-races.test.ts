import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commit, fencedTransaction, makeRanges, rollback, takeOverPartition, type Database } from '@hookline/database';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo, until } from '@hookline/test-support';
import { counts, gate, stoppingBefore } from '../testing/gates.ts';
import { audited, begun, claimed, handler, laneOf, ownLanes, park } from '../testing/lane-world.ts';

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

// A record that was appended to a lane that closes would never run: the offset is behind it already.
describe('a new record for a key at the very closing of its lane', () => {
  it('is run when a slice appends it before the lane has the fence: the lane looks again and stays open', async () => {
    const reached = gate();
    const goOn = gate();
    const { ran, handler: w } = counts();
    const world = await ownLanes(stoppingBefore(database, 'for update', reached, goOn), [w]);
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
    const world = await ownLanes(stoppingBefore(database, 'delete from hookline.lanes', reached, goOn), [w]);
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

  // The takeover looks for backends by name, and this one has none yet: it must find out by itself, before its handlers
  // take rows that nobody could free.
  it('runs no handler when it is taken over between the note of a run and its transaction', async () => {
    const reached = gate();
    const goOn = gate();
    const { ran, handler: w } = counts();
    // The first is the takeover's, the second the note's.
    const world = await ownLanes(stoppingBefore(database, 'begin', reached, goOn, 3), [w]);
    await park(database, world.fence, 'a', [1]);
    const running = world.runner.run();
    await reached.opened;
    await takeOverPartition(database, world.fence, 'heir', 0n);
    goOn.open();
    expect(await running).toBe('FENCED');
    expect(ran).toEqual([]);
  });

  it('commits nothing when it is taken over between its handlers and the fence', async () => {
    const reached = gate();
    const goOn = gate();
    const { handler: w } = counts();
    const world = await ownLanes(stoppingBefore(database, 'for update', reached, goOn), [w]);
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
    const noted: string[] = [];
    const slow = handler('s', async ({ offset }) => {
      noted.push(...(await begun(database, world.fence)));
      closing.abort();
      ran.push(Number(offset));
      await goOn.opened;
    });
    const world = await ownLanes(database, [slow], { closing: closing.signal, owner: 'me' });
    await park(database, world.fence, 'a', [1, 2]);
    const running = world.runner.run();
    await until('it runs', () => Promise.resolve(ran.length > 0 || undefined));
    goOn.open();
    expect(await running).toBe('STOPPED');
    expect(ran).toEqual([1]);
    expect(noted).toEqual(['me']);
    expect(await claimed(database, world.fence)).toEqual([1]);
    expect(await begun(database, world.fence)).toEqual([]);
  });
});
