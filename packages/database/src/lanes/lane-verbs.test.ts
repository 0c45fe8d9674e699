import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LoggedDelivery } from '../logged-delivery.ts';
import { storedBytes } from '../stored-body.ts';
import { logged } from '../testing/deliveries.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { fenceOf } from '../testing/partitions.ts';
import { appendToLanes } from './append-to-lanes.ts';
import { deferLane } from './defer-lane.ts';
import { findOpenLanes } from './find-open-lanes.ts';
import { findWaiting, type WaitingDelivery } from './find-waiting.ts';
import { hastenLanes } from './hasten-lanes.ts';
import { holdLane } from './hold-lane.ts';
import { isRunningHead } from './is-head.ts';
import { noteLastRun } from './note-last-run.ts';
import { openLanes } from './open-lanes.ts';
import { readDueLanes } from './read-due-lanes.ts';
import { readLaneBytes } from './read-lane-bytes.ts';
import { readLane } from './read-lane.ts';
import { releaseLane } from './release-lane.ts';
import { removeFromLane } from './remove-from-lane.ts';

const database = ownDatabase();

beforeEach(async () => {
  await database.query('truncate hookline.lanes, hookline.lane_deliveries');
});

const fence = fenceOf(3n);
const ALL = { records: 1000, bytes: 1e9 };

/** Lanes other than those of `fence`: whatever is asked or done about its own must not see or touch them. */
const OTHERS = [fenceOf(3n, { partition: 11 }), fenceOf(3n, { consumerGroup: 'g' }), fenceOf(3n, { topic: 't' })];

function open(on = fence, keys = ['a'], dueInMs = 0): Promise<void> {
  return openLanes(
    database,
    on,
    keys.map((orderingKey) => ({ orderingKey, attempts: 1, kills: 0, deferrals: 0, dueInMs, error: 'failed' })),
  );
}

async function append(records: LoggedDelivery[], on = fence): Promise<void> {
  await appendToLanes(
    database,
    on,
    records.map((record) => ({ ...record, stored: storedBytes(record.delivery.body) })),
  );
}

async function lane(key = 'a'): Promise<Record<string, unknown> | undefined> {
  const { rows } = await database.query(
    `select state, head_position, next_position, records, attempts, kills, deferrals, careful_until, last_error,
            round(extract(epoch from due_at - now()))::integer as due_in_s
       from hookline.lanes where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = $4`,
    [fence.consumerGroup, fence.topic, fence.partition, key],
  );
  return rows[0];
}

/** Removes the first `records` of a lane, as a run of them does. */
async function runFirst(records: number, key = 'a', on = fence) {
  const heads = await readLane(database, on, key, { ...ALL, records });
  const bytes = heads.reduce((sum, head) => sum + head.storedBytes, 0);
  return removeFromLane(database, on, key, { through: heads.at(-1)!.position, records: heads.length, bytes });
}

describe('what waits in a lane', () => {
  it('comes back as it was in the log, byte for byte, with its place', async () => {
    const deliveries = [
      logged('a', { offset: 9_007_199_254_740_993n, time: 1_700_000_000_123 }, { action: null, repositoryId: null }),
      logged('a', { offset: 4n }, { hookId: null, headers: { 'x-github-event': 'ünï "quoted" \\', empty: '' } }),
      logged('a', { offset: 5n }, { body: Buffer.from([0, 255, 1, 254]) }),
      logged('a', { offset: 6n }, { body: Buffer.alloc(0) }),
      logged('a', { offset: 7n }, { body: Buffer.alloc(100_000, 'abc') }),
    ];
    await open();
    await append(deliveries, { ...fence, incarnation: 4 });
    const read = await readLane(database, fence, 'a', ALL);
    expect(read).toEqual(
      deliveries.map((delivery, i) => ({
        ...delivery,
        position: BigInt(i),
        incarnation: 4,
        lastRun: null,
        run: 'delivery',
        dead: null,
        storedBytes: storedBytes(delivery.delivery.body).bytes.length,
      })),
    );
    // The large one takes less than a hundredth of its size.
    expect(read[4]!.storedBytes).toBeLessThan(1000);
  });

  it('keeps the order in which it was appended, key by key, over any number of appends', async () => {
    await open(fence, ['a', 'b']);
    await append([0, 1, 2].flatMap((n) => ['a', 'b'].map((key) => logged(key, { offset: BigInt(n) }))));
    await append([logged('b', { offset: 3n }), logged('a', { offset: 4n })]);
    const offsets = async (key: string) => (await readLane(database, fence, key, ALL)).map(({ offset }) => offset);
    expect([await offsets('a'), await offsets('b')]).toEqual([
      [0n, 1n, 2n, 4n],
      [0n, 1n, 2n, 3n],
    ]);
  });

  it('is appended to open lanes only: elsewhere a record would wait for nobody', async () => {
    await open(OTHERS[0], ['b']);
    await open();
    await expect(append([logged('a'), logged('b')])).rejects.toThrow('only 1 have an open one');
  });

  it('is read up to the limits, and one record however large', async () => {
    await open();
    const body = (bytes: number) => logged('a', {}, { body: Buffer.alloc(bytes, 'a') });
    await append([body(500), body(500), body(1), body(500)]);
    const sizes = async (limits: { records: number; bytes: number }) =>
      (await readLane(database, fence, 'a', limits)).map(({ delivery }) => delivery.body.length);
    expect(await sizes({ records: 2, bytes: 10_000 })).toEqual([500, 500]);
    expect(await sizes({ records: 9, bytes: 1000 })).toEqual([500, 500]);
    expect(await sizes({ records: 9, bytes: 1001 })).toEqual([500, 500, 1]);
    expect(await sizes({ records: 9, bytes: 1 })).toEqual([500]);
  });

  it('is found by its identity, in the lanes of this partition only, with whether it is next', async () => {
    const [head, second, elsewhere, unknown] = [logged('a'), logged('a'), logged('a'), logged('a')];
    await open();
    await append([head, second]);
    await open(OTHERS[0]);
    await append([elsewhere], OTHERS[0]);
    const ask = () => waits([unknown, second, elsewhere, head]);
    const found = ({ delivery: { guid, event }, offset }: LoggedDelivery, index: number, isHead: boolean) => ({
      index,
      guid,
      event,
      orderingKey: 'a',
      place: { incarnation: 1, offset },
      isHead,
    });
    expect(await ask()).toEqual([found(second, 1, false), found(head, 3, true)]);
    await runFirst(1);
    expect(await ask()).toEqual([found(second, 1, true)]);
  });

  // GUIDs are not signed: a captured payload comes back under another one, also while the first one waits.
  it('is found by its payload under another GUID, beside the same one, and never in another scope', async () => {
    const [head, other] = [logged('a', { offset: 5n }), logged('a')];
    const { delivery } = head;
    const twin = { ...head, offset: 6n, delivery: { ...delivery, guid: other.delivery.guid, event: 'push' } };
    await open();
    await append([head]);
    const scoped = { ...twin, delivery: { ...twin.delivery, dedupScope: 'another' } };
    expect(await waits([scoped, twin])).toMatchObject([{ index: 1, guid: delivery.guid, event: 'issues' }]);
    await append([twin]);
    const both = [
      { index: 0, guid: delivery.guid, event: 'issues', place: { offset: 5n }, isHead: true },
      { index: 0, guid: other.delivery.guid, event: 'push', place: { offset: 6n }, isHead: false },
    ];
    expect(await waits([head])).toMatchObject(both);
  });

  it('keeps what became of each handler in its last run, one without losing the other', async () => {
    await open();
    await append([logged('a'), logged('a')]);
    for (const [handler, outcome] of [
      ['welcome', 'started'],
      ['count', 'started'],
      ['welcome', 'processed'],
      ['count', 'dead'],
    ] as const) {
      await noteLastRun(database, fence, 'a', 0n, handler, outcome);
    }
    expect((await readLane(database, fence, 'a', ALL)).map(({ lastRun }) => lastRun)).toEqual([
      { welcome: 'processed', count: 'dead' },
      null,
    ]);
    await expect(noteLastRun(database, fence, 'a', 2n, 'count', 'dead')).rejects.toThrow('no record at position 2');
  });
});

/** What waits, in the order of what was asked for, and of the log. */
async function waits(asked: readonly LoggedDelivery[]): Promise<WaitingDelivery[]> {
  const found = await findWaiting(
    database,
    fence,
    asked.map(({ delivery }) => delivery),
  );
  return found.toSorted((a, b) => a.index - b.index || Number(a.place.offset - b.place.offset));
}

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
    await deferLane(database, fence, 'a', { attempts: 4, kills: 2, deferrals: 1, dueInMs: 60_000, error: 'again' });
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
  it('tells whether a position is still its head, and to be run', async () => {
    const isHead = (position: bigint, key = 'a') => isRunningHead(database, fence, key, position);
    await open(OTHERS[0]);
    expect(await isHead(0n)).toBe(false);
    await open();
    await append([logged('a'), logged('a')]);
    expect([await isHead(0n), await isHead(1n), await isHead(0n, 'b')]).toEqual([true, false, false]);
    await runFirst(1);
    expect([await isHead(0n), await isHead(1n)]).toEqual([false, true]);
    await holdLane(database, fence, 'a');
    expect(await isHead(1n)).toBe(false);
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
    const tries = { attempts: 0, kills: 0, deferrals: 1, dueInMs: 0, error: '' };
    const carefulUntil = async () => (await readDueLanes(database, fence, 1)).due[0]?.carefulUntil;
    await deferLane(database, fence, 'a', { ...tries, carefulUntil: 500n });
    expect(await carefulUntil()).toBe(500n);
    await deferLane(database, fence, 'a', tries);
    await deferLane(database, fence, 'a', { ...tries, carefulUntil: 3n });
    expect(await carefulUntil()).toBe(500n);
  });

  it('that is not there cannot be put off or held', async () => {
    await open(OTHERS[0]);
    const tries = { attempts: 0, kills: 0, deferrals: 1, dueInMs: 0, error: '' };
    await expect(deferLane(database, fence, 'a', tries)).rejects.toThrow('There is no lane of a.');
    await expect(holdLane(database, fence, 'a')).rejects.toThrow('There is no lane of a.');
  });
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
    await deferLane(database, fence, 'b', { attempts: 3, kills: 1, deferrals: 2, dueInMs: -1000, error: 'x' });
    expect((await names(10)).due).toEqual(['b', 'a']);
    expect((await readDueLanes(database, fence, 1)).due).toEqual([
      {
        orderingKey: 'b',
        records: 2,
        bytes: 2 * storedBytes(record.delivery.body).bytes.length,
        attempts: 3,
        kills: 1,
        deferrals: 2,
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
    await deferLane(database, fence, 'b', { attempts: 1, kills: 0, deferrals: 0, dueInMs: -60_000, error: '' });
    await hastenLanes(database, fence, ['a', 'b']);
    expect((await names(2)).due).toEqual(['b', 'a']);
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
