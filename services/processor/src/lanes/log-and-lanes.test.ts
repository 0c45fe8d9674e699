import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RetryLater } from '@hookline/handlers';
import { aDelivery, until } from '@hookline/test-support';
import type { Turn } from '../partition/turn.ts';
import { gate, stoppingBefore } from '../testing/gates.ts';
import { handler, laneOf, runLanes } from '../testing/lane-world.ts';
import { createLogWorld, keyOf, type LogWorld } from '../testing/log-world.ts';
import { besideLanes } from './beside-lanes.ts';

let world: LogWorld;

beforeAll(async () => {
  world = await createLogWorld();
  await world.database.query('create table effects (key text, off bigint, n bigserial)');
  await world.database.query('create table counter (id int primary key, n bigint)');
  await world.database.query('insert into counter select n, 0 from generate_series(0, 2) n');
});
afterAll(() => world.close());

/** Numbers in [0, 1), the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What was committed for keys of these repositories, in the order of writing. */
async function effects(first: number, last = first): Promise<Map<string, number[]>> {
  const { rows } = await world.database.query<{ key: string; offsets: string[] }>(
    `select key, array_agg(off order by n) as offsets from effects
      where split_part(key, '/', 3)::int between $1 and $2 group by key`,
    [first, last],
  );
  return new Map(rows.map(({ key, offsets }) => [key, offsets.map(Number)]));
}

describe('the log and its lanes', () => {
  // The two sides of the same key meet at the fence only: a record that comes between them is lost or passes another.
  it.each([['a slice has the fence first'], ['the lane has the fence first']])(
    'hands a new record over at the very closing of its lane, where %s',
    async (order) => {
      const laneFirst = order.startsWith('the lane');
      const repository = laneFirst ? 901 : 902;
      const key = keyOf(repository);
      const effect = handler('e', async ({ orderingKey, offset }, { db }) => {
        await db.query('insert into effects values ($1, $2)', [orderingKey, offset]);
      });
      const reached = gate();
      const goOn = gate();
      const stopAt = laneFirst ? 'delete from hookline.lanes' : `where current_setting('application_name')`;
      const stopping = stoppingBefore(world.database, stopAt, reached, goOn);
      const owner = await world.own([[world.read(0, aDelivery({ repository }))]], {
        handlers: [handler('e', () => Promise.reject(new Error('first')))],
      });
      expect(await owner.worker.run()).toBe('CLOSED');
      expect(await laneOf(world.database, owner.fence, key)).toMatchObject({ records: 1, attempts: 1 });
      await world.database.query('update hookline.lanes set due_at = now() where ordering_key = $1', [key]);

      const heir = await world.own([[world.read(1, aDelivery({ repository }))]], {
        handlers: [effect],
        partition: owner.fence.partition,
      });
      // A lane that has not asked for its turn yet does not keep the slice from it.
      const turn: Turn = laneFirst ? heir.turn : { ...heir.turn, takeWithin: () => Promise.resolve(() => {}) };
      const { runner } = runLanes(stopping, [effect], { fence: heir.fence, turn });
      const running = runner.run();
      await reached.opened;
      const log = heir.worker.run();
      if (!laneFirst) await log;
      goOn.open();
      expect(await log).toBe('CLOSED');
      await until('the lane is closed', async () => (await laneOf(world.database, heir.fence, key)) === null);
      runner.stop(false);
      await running;
      expect(await effects(repository)).toEqual(new Map([[key, [0, 1]]]));
      expect(await world.audited(heir.fence)).toEqual(['0 parked', laneFirst ? '1 processed' : '1 parked']);
    },
  );

  it('ends the ownership when a lane is fenced out, although the log is quiet', async () => {
    const owner = await world.own([]);
    const { runner } = runLanes(world.database, [], owner);
    const quiet = new Promise<'CLOSED'>(() => {});
    const end = besideLanes(runner, () => quiet);
    await world.own([], { partition: owner.fence.partition, owner: 'heir' });
    await world.database.query(
      `insert into hookline.lanes (consumer_group, topic, kafka_partition, ordering_key, due_at)
       values ('g', 't', $1, 'k', now())`,
      [owner.fence.partition],
    );
    runner.wake();
    expect(await end).toBe('FENCED');
  });

  it('rolls lanes back that run when the work on the log ends otherwise than by a drain', async () => {
    const owner = await world.own([]);
    const hanging = Promise.withResolvers<void>();
    const hangs = handler('h', () => {
      hanging.resolve();
      return new Promise(() => {});
    });
    const failing = await world.own([[world.read(0)]], {
      partition: owner.fence.partition,
      handlers: [handler('h', () => Promise.reject(new Error('no')))],
    });
    await failing.worker.run();
    const { runner } = runLanes(world.database, [hangs], failing);
    const end = await besideLanes(runner, async () => {
      await world.database.query('update hookline.lanes set due_at = now() where kafka_partition = $1', [
        failing.fence.partition,
      ]);
      runner.wake();
      await hanging.promise;
      return 'FENCED' as const;
    });
    expect(end).toBe('FENCED');
    const { rowCount } = await world.database.query('select from hookline.record_starts where kafka_partition = $1', [
      failing.fence.partition,
    ]);
    expect(rowCount).toBe(0);
  });

  // All at once: failures of every kind, keys that share rows, takeovers in the middle. What must hold is little:
  // each record once, in the order of its key.
  it.each([1, 2])('keeps each record once and in the order of its key, whatever fails; seed %d', async (seed) => {
    const random = seeded(seed);
    const records = 200;
    const deliveries = Array.from({ length: records }, () =>
      aDelivery({ repository: seed * 10 + Math.floor(random() * 6) }),
    );
    const unruly = handler('e', async ({ orderingKey, offset }, { db }) => {
      await db.query('insert into effects values ($1, $2)', [orderingKey, offset]);
      if (random() < 0.2) await db.query('update counter set n = n + 1 where id = $1', [Math.floor(random() * 3)]);
      const dice = random();
      if (dice < 0.04) throw new Error('failed');
      if (dice < 0.06) throw new RetryLater('later', { afterMs: 2 });
      if (dice < 0.07) await db.query("do $$ begin raise exception 'x' using errcode = '40001'; end $$");
    });
    const handlers = [unruly];
    const policy = { maxAttempts: 1000, maxKills: 3, retry: { baseMs: 1, maxMs: 20 } };
    let partition: number | undefined;
    let next = 0;
    for (let owners = 0; next < records || owners < 4; owners++) {
      const slices: ReturnType<LogWorld['read']>[][] = [];
      const end = Math.min(records, next + 50 + Math.floor(random() * 50));
      for (let at = next; at < end;) {
        const size = 1 + Math.floor(random() * 20);
        const offsets = Array.from({ length: Math.min(size, end - at) }, (_, i) => at + i);
        slices.push(offsets.map((offset) => world.read(offset, deliveries[offset])));
        at += offsets.length;
      }
      const owner = await world.own(slices, {
        handlers,
        owner: `process ${owners}`,
        lanePolicy: policy,
        ...(partition !== undefined && { partition }),
      });
      partition = owner.fence.partition;
      const { runner } = runLanes(world.database, handlers, owner, {
        policy,
        limits: { records: 7, bytes: 1_000_000 },
        owner: `process ${owners}`,
      });
      const ended = besideLanes(runner, async () => {
        for (;;) {
          const workEnd = await owner.worker.tick();
          runner.wake();
          if (workEnd !== null) return workEnd;
        }
      });
      expect(await ended).toBe('CLOSED');
      next = await world.storedOffset(owner.fence);
    }
    const last = await world.own([], { partition: partition as number, owner: 'the last' });
    const { runner } = runLanes(world.database, handlers, last, { policy });
    const running = runner.run();
    await until('no lane is open', async () => (await world.lanes(last.fence)).length === 0, 60_000);
    runner.stop(false);
    await running;

    const expected = new Map<string, number[]>();
    for (const [offset, { repositoryId }] of deliveries.entries()) {
      const key = keyOf(Number(repositoryId));
      expected.set(key, [...(expected.get(key) ?? []), offset]);
    }
    expect(await effects(seed * 10, seed * 10 + 9)).toEqual(expected);
  });
});
