import { beforeEach, describe, expect, it } from '@jest/globals';
import { storedBytes } from '../stored-body.ts';
import { logged } from '../testing/deliveries.ts';
import { ALL, fence, lanesIn, OTHERS } from '../testing/lanes.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { appendToLanes } from './append-to-lanes.ts';
import { deferLane } from './defer-lane.ts';
import { findOpenLanes } from './find-open-lanes.ts';
import { findWaiting } from './find-waiting.ts';
import { hastenLanes } from './hasten-lanes.ts';
import { holdLane } from './hold-lane.ts';
import { isRunningHead } from './is-head.ts';
import { openLanes } from './open-lanes.ts';
import { readDueLanes } from './read-due-lanes.ts';
import { readLaneBytes } from './read-lane-bytes.ts';
import { readLane } from './read-lane.ts';
import { releaseLane } from './release-lane.ts';
import { removeFromLane } from './remove-from-lane.ts';

const database = ownDatabase();
const { append, clear, lane, open, runFirst } = lanesIn(database);

beforeEach(async () => {
  await clear();
});

describe('a lane', () => {
  it('is opened once: a second opening would hide that the first was overlooked', async () => {
    await open();
    await expect(open()).rejects.toMatchObject({ code: '23505' });
  });

  it('is found by its key, with what waits in it, and no other partition, group or topic sees it', async () => {
    for (const other of OTHERS) await open(other, ['c']);
    await open(fence, ['a', 'b']);
    const record = logged('a');
    await append([record, record]);
    await holdLane(database, fence, 'b');
    const bytes = 2 * storedBytes(record.delivery.body).bytes.length;
    expect(await findOpenLanes(database, fence, ['c', 'b', 'a'])).toEqual(
      new Map([
        ['a', { orderingKey: 'a', state: 'retrying', records: 2, bytes, nextPosition: 2n }],
        ['b', { orderingKey: 'b', state: 'held', records: 0, bytes: 0, nextPosition: 0n }],
      ]),
    );
  });

  it('counts into the bytes of its group and topic, whatever its partition', async () => {
    expect(await readLaneBytes(database, fence)).toBe(0);
    const record = logged('a');
    for (const other of [fence, ...OTHERS]) {
      await open(other);
      await append([record], other);
    }
    expect(await readLaneBytes(database, fence)).toBe(2 * storedBytes(record.delivery.body).bytes.length);
  });

  it('begins anew with its next head: what the last one went through is not held against it', async () => {
    await open();
    await append([logged('a'), logged('a'), logged('a')]);
    await deferLane(database, fence, 'a', {
      attempts: 4,
      kills: 2,
      deferrals: 1,
      dueInMs: 60_000,
      error: 'again',
      triedEpoch: fence.epoch,
    });
    expect(await lane()).toMatchObject({ attempts: 4, kills: 2, deferrals: 1, last_error: 'again', due_in_s: 60 });
    expect(await runFirst(2)).toEqual({ closed: false, records: 1 });
    expect(await lane()).toEqual({
      state: 'retrying',
      head_position: '2',
      next_position: '3',
      records: '1',
      attempts: 0,
      kills: 0,
      deferrals: 0,
      careful_until: '0',
      last_error: null,
      due_in_s: 0,
    });
  });

  it('is closed with its last record, and takes a new one when it is opened again', async () => {
    await open();
    await append([logged('a')]);
    expect(await runFirst(1)).toEqual({ closed: true, records: 0 });
    expect(await lane()).toBeUndefined();
    expect(await readLane(database, fence, 'a', ALL)).toEqual([]);
    await open();
    await append([logged('a', { offset: 8n })]);
    expect(await readLane(database, fence, 'a', ALL)).toMatchObject([{ position: 0n, offset: 8n }]);
  });

  it('is not closed when a record came after it was read: that one would be lost', async () => {
    await open();
    await append([logged('a')]);
    const [head] = await readLane(database, fence, 'a', ALL);
    await append([logged('a', { offset: 7n })]);
    const { position: through, storedBytes: bytes } = head!;
    expect(await removeFromLane(database, fence, 'a', { through, records: 1, bytes })).toEqual({
      closed: false,
      records: 1,
    });
    expect(await readLane(database, fence, 'a', ALL)).toMatchObject([{ position: 1n, offset: 7n }]);
  });

  it('that is held stays when it is empty, and is not due', async () => {
    await open();
    await append([logged('a')]);
    await holdLane(database, fence, 'a');
    expect(await runFirst(1)).toEqual({ closed: false, records: 0 });
    await hastenLanes(database, fence, ['a']);
    expect(await lane()).toMatchObject({ state: 'held', records: '0' });
    expect(await readDueLanes(database, fence, 10)).toEqual({ due: [], nextDueInMs: null });
  });

  it('that is released runs again, and its head is due now: its tries are kept', async () => {
    for (const other of OTHERS) await open(other, ['a'], 60_000);
    await open(fence, ['a'], 60_000);
    await append([logged('a')]);
    await holdLane(database, fence, 'a');
    for (const other of OTHERS) await holdLane(database, other, 'a');
    expect(await releaseLane(database, fence, 'a')).toEqual({ closed: false });
    expect(await lane()).toMatchObject({ state: 'retrying', records: '1', attempts: 1, due_in_s: 0 });
    expect((await database.query(`select from hookline.lanes where state = 'held'`)).rowCount).toBe(OTHERS.length);
  });

  // Nobody would ever come to an empty one, and everything of its key would wait behind nothing.
  it('that is released when it is empty is closed', async () => {
    for (const other of OTHERS) await open(other);
    await open();
    await holdLane(database, fence, 'a');
    expect(await releaseLane(database, fence, 'a')).toEqual({ closed: true });
    expect(await lane()).toBeUndefined();
    expect((await database.query('select from hookline.lanes')).rowCount).toBe(OTHERS.length);
  });

  it('that is not held cannot be released: a decision was about another state', async () => {
    await expect(releaseLane(database, fence, 'a')).rejects.toThrow('There is no held lane of a.');
    await open();
    await expect(releaseLane(database, fence, 'a')).rejects.toThrow('There is no held lane of a.');
    expect(await lane()).toMatchObject({ state: 'retrying', records: '0' });
  });

  // A command can hold the lane, or set its head aside, while the head runs: what that run has done must not commit.
  it('tells whether a record is still its head, and to be run', async () => {
    const isHead = (position: bigint, orderingKey = 'a', offset = position) =>
      isRunningHead(database, fence, { orderingKey, position, incarnation: 1, offset });
    await open(OTHERS[0]);
    await append([logged('a')], OTHERS[0]);
    expect(await isHead(0n)).toBe(false);
    await open();
    await append([logged('a', { offset: 0n }), logged('a', { offset: 1n })]);
    expect([await isHead(0n), await isHead(1n), await isHead(0n, 'b')]).toEqual([true, false, false]);
    await runFirst(1);
    expect([await isHead(0n), await isHead(1n)]).toEqual([false, true]);
    await holdLane(database, fence, 'a');
    expect(await isHead(1n)).toBe(false);
  });

  // A head was skipped while it ran, the lane was empty and closed, and opened for the next record of its key.
  it('tells a record from another at its position, in a lane that was opened again', async () => {
    const isHead = (offset: bigint, incarnation = 1) =>
      isRunningHead(database, fence, { orderingKey: 'a', position: 0n, incarnation, offset });
    await open();
    await append([logged('a', { offset: 5n })]);
    expect(await isHead(5n)).toBe(true);
    await runFirst(1);
    await database.query('delete from hookline.lanes');
    await open();
    await append([logged('a', { offset: 8n })]);
    expect([await isHead(5n), await isHead(8n), await isHead(8n, 2)]).toEqual([false, true, false]);
  });

  it.each<[string, { through: bigint; records: number; bytes?: number; key?: string }]>([
    ['fewer records', { through: 1n, records: 1 }],
    ['more records', { through: 1n, records: 3 }],
    ['other bytes', { through: 1n, records: 2, bytes: 1 }],
    ['a lane that is gone', { through: 1n, records: 2, key: 'b' }],
  ])('refuses to lose what was not run: %s', async (_, { key = 'a', ...heads }) => {
    await open();
    await append([logged('a'), logged('a'), logged('a')]);
    const read = await readLane(database, fence, 'a', { ...ALL, records: heads.records });
    const bytes = read.reduce((sum, { storedBytes: stored }) => sum + stored, 0);
    await expect(removeFromLane(database, fence, key, { bytes, ...heads })).rejects.toThrow('are there');
  });

  it('knows up to where a process has died, and never less', async () => {
    await open();
    await append([logged('a')]);
    const tries = { attempts: 0, kills: 0, deferrals: 1, dueInMs: 0, error: '', triedEpoch: fence.epoch };
    const carefulUntil = async () => (await readDueLanes(database, fence, 1)).due[0]?.carefulUntil;
    await deferLane(database, fence, 'a', { ...tries, carefulUntil: 500n });
    expect(await carefulUntil()).toBe(500n);
    await deferLane(database, fence, 'a', tries);
    await deferLane(database, fence, 'a', { ...tries, carefulUntil: 3n });
    expect(await carefulUntil()).toBe(500n);
  });

  it('that is not there cannot be put off or held', async () => {
    await open(OTHERS[0]);
    const tries = { attempts: 0, kills: 0, deferrals: 1, dueInMs: 0, error: '', triedEpoch: fence.epoch };
    await expect(deferLane(database, fence, 'a', tries)).rejects.toThrow('There is no lane of a.');
    await expect(holdLane(database, fence, 'a')).rejects.toThrow('There is no lane of a.');
  });
});

it('nothing to do needs no statement', async () => {
  const none = { query: () => Promise.reject(new Error('no statement is needed')) };
  expect(await findOpenLanes(none, fence, [])).toEqual(new Map());
  expect(await findWaiting(none, fence, [])).toEqual([]);
  await openLanes(none, fence, []);
  await appendToLanes(none, fence, []);
  await hastenLanes(none, fence, []);
});
