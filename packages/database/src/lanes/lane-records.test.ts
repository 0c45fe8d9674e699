import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LoggedDelivery } from '../logged-delivery.ts';
import { storedBytes } from '../stored-body.ts';
import { logged } from '../testing/deliveries.ts';
import { ALL, fence, lanesIn, OTHERS } from '../testing/lanes.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { findWaiting, type WaitingDelivery } from './find-waiting.ts';
import { noteLastRun } from './note-last-run.ts';
import { readLane } from './read-lane.ts';

const database = ownDatabase();
const { append, clear, open, runFirst } = lanesIn(database);

beforeEach(async () => {
  await clear();
});

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

  // An event header is not signed: what was forged of a delivery, and released, must not stand for the genuine one.
  it('is found under the same event before another, under the same GUID and under others', async () => {
    const genuine = logged('a', { offset: 8n });
    const { delivery } = genuine;
    const under = (offset: bigint, event: string, guid = delivery.guid): LoggedDelivery => {
      return { ...genuine, offset, delivery: { ...delivery, event, guid } };
    };
    const other = logged('a').delivery.guid;
    await open();
    await append([under(5n, 'push'), under(6n, 'push', other), under(7n, 'issues', other)]);
    const twins = { guid: other, event: 'issues', place: { offset: 7n } };
    expect(await waits([genuine])).toMatchObject([{ event: 'push', place: { offset: 5n } }, twins]);
    await append([genuine]);
    expect(await waits([genuine])).toMatchObject([twins, { guid: delivery.guid, event: 'issues', isHead: false }]);
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
