import { beforeEach, describe, expect, it } from '@jest/globals';
import { storedBytes } from '../stored-body.ts';
import { logged } from '../testing/deliveries.ts';
import { fence, lanesIn, OTHERS } from '../testing/lanes.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { deferLane } from './defer-lane.ts';
import { hastenLanes } from './hasten-lanes.ts';
import { readDueLanes } from './read-due-lanes.ts';

const database = ownDatabase();
const { append, clear, lane, open, runFirst } = lanesIn(database);

beforeEach(async () => {
  await clear();
});

describe('the lanes that are due', () => {
  const names = async (limit: number, except?: string[]) => {
    const { due, nextDueInMs } = await readDueLanes(database, fence, limit, except);
    return { due: due.map(({ orderingKey }) => orderingKey), nextDueInMs };
  };

  it('are told longest due first, with the head of each', async () => {
    await open(fence, ['b']);
    await open(fence, ['a']);
    const record = logged('b');
    await append([record, record, record]);
    await runFirst(1, 'b');
    await deferLane(database, fence, 'b', {
      attempts: 3,
      kills: 1,
      deferrals: 2,
      dueInMs: -1000,
      error: 'x',
      triedEpoch: fence.epoch,
    });
    expect((await names(10)).due).toEqual(['b', 'a']);
    expect((await readDueLanes(database, fence, 1)).due).toEqual([
      {
        orderingKey: 'b',
        records: 2,
        bytes: 2 * storedBytes(record.delivery.body).bytes.length,
        attempts: 3,
        kills: 1,
        deferrals: 2,
        triedEpoch: fence.epoch,
        carefulUntil: 0n,
        headPosition: 1n,
      },
    ]);
  });

  it('come with the time to the next one, so that nobody has to ask again before', async () => {
    for (const other of OTHERS) await open(other, ['z']);
    expect(await names(2)).toEqual({ due: [], nextDueInMs: null });
    await open(fence, ['later'], 60_000);
    const { due, nextDueInMs } = await names(2);
    expect(due).toEqual([]);
    expect(nextDueInMs).toBeGreaterThan(50_000);
    expect(nextDueInMs).toBeLessThanOrEqual(60_000);
    await open(fence, ['a', 'b', 'c'], -1000);
    expect(await names(2)).toEqual({ due: ['a', 'b'], nextDueInMs: 0 });
    expect(await names(3)).toMatchObject({ due: ['a', 'b', 'c'], nextDueInMs: expect.any(Number) });
    expect((await names(3)).nextDueInMs).toBeGreaterThan(50_000);
  });

  it('do not include those at work, which would crowd out the others', async () => {
    await open(fence, ['a', 'b', 'c'], -1000);
    expect(await names(2, ['a', 'b'])).toEqual({ due: ['c'], nextDueInMs: null });
  });

  it('include one that was hastened, and its tries are kept', async () => {
    await open(fence, ['a', 'b'], 60_000);
    await hastenLanes(database, fence, ['a']);
    expect((await names(2)).due).toEqual(['a']);
    expect(await lane()).toMatchObject({ attempts: 1 });
    // What is due already is not put behind others.
    await deferLane(database, fence, 'b', {
      attempts: 1,
      kills: 0,
      deferrals: 0,
      dueInMs: -60_000,
      error: '',
      triedEpoch: fence.epoch,
    });
    await hastenLanes(database, fence, ['a', 'b']);
    expect((await names(2)).due).toEqual(['b', 'a']);
  });
});
