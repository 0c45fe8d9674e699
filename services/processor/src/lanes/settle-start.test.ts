import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeRanges, type Database } from '@hookline/database';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo, startProgram, until } from '@hookline/test-support';
import { createTurn, type Turn } from '../partition/turn.ts';
import { counts, gate } from '../testing/gates.ts';
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
  untilNoneRetries,
  type LaneWorld,
} from '../testing/lane-world.ts';

let testDb: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDb = await testDatabase();
  database = connectTo(testDb.url);
  await makeRanges(database);
  await database.query('create table effects (off bigint)');
});
afterAll(async () => {
  await database.close();
  await testDb.drop();
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

  const untilClosed = (world: LaneWorld) => untilNoneRetries(database, world);

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
    const ran: string[] = [];
    const inSecond = gate();
    const first = handler('first', () => Promise.resolve(void ran.push('first')));
    const hangs = handler('second', () => {
      inSecond.open();
      return new Promise(() => {});
    });
    const lost = new AbortController();
    const before = await ownLanes(database, [first, hangs], { signal: lost.signal });
    await park(database, before.fence, 'a', [1], { ...FAILED_ONCE, attempts: 3 });
    const { partition } = before.fence;
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
    const ends: (string | null)[] = [];
    for (let processes = 0; processes < 10 && ends.at(-1) !== null; processes++) {
      const { ended } = startProgram({
        main: new URL('../testing/lane-process.ts', import.meta.url).href,
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
    const turn = createTurn();
    let asked = 0;
    const suspects: Turn = {
      ...turn,
      take(signal) {
        asked += 1;
        return turn.take(signal);
      },
    };
    let at = 0;
    let most = 0;
    const counted = handler('w', async () => {
      at += 1;
      await until('the other one runs too, or waits', () => asked === 2 || at === 2);
      most = Math.max(most, at);
      at -= 1;
    });
    const heir = await ownLanes(database, [counted], { partition: world.fence.partition, suspects });
    await untilClosed(heir);
    expect(most).toBe(1);
  });
});
