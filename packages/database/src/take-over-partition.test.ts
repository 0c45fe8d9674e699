import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import type { Database } from './database.ts';
import { checkEpoch, fencedTransaction, fenceApplicationName, type Fence } from './fence.ts';
import { advanceOffset } from './advance-offset.ts';
import { takeOverPartition, type Takeover } from './take-over-partition.ts';
import { waitingForLock } from './testing/backends.ts';
import { createGate } from './testing/gate.ts';
import { fenceOf, givePartition, PLACE, readPartition } from './testing/partitions.ts';
import { commit, rollback, transaction } from './transaction.ts';

let own: TestDatabase;
let database: Database;

beforeAll(async () => {
  own = await testDatabase();
  database = connectTo(own.url, { poolSize: 20 });
  await database.query('create table notes (note text)');
});
beforeEach(async () => {
  await database.query('truncate notes, hookline.partition_offsets');
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

async function notes(): Promise<string[]> {
  const { rows } = await database.query<{ note: string }>('select note from notes order by note');
  return rows.map((row) => row.note);
}

/** An owner in the middle of a slice: it has the row, it has written, and only `proceed` lets it go on to COMMIT. */
async function inSlice(fence: Fence, note: string) {
  const begun = createGate();
  const proceed = createGate();
  const outcome = fencedTransaction(database, fence, {}, async (tx) => {
    await tx.query('insert into notes values ($1)', [note]);
    begun.open();
    await proceed.opened;
    return commit(note);
  }).catch((error: unknown) => error);
  await begun.opened;
  return { proceed, outcome };
}

/** For tests of what a takeover gives: there is one. */
async function take(owner: string, firstOffset: bigint): Promise<Takeover> {
  const taken = await takeOverPartition(database, PLACE, owner, firstOffset);
  if (!taken.success) throw new Error(taken.reason);
  return taken;
}

describe('taking a partition over', () => {
  it('makes the row where there is none, in epoch 1, at the offset that the caller has found', async () => {
    const takeover = await takeOverPartition(database, PLACE, 'processor-a', 17n);
    expect(takeover).toEqual({
      success: true,
      fence: fenceOf(1n),
      nextOffset: 17n,
      last: null,
      dirty: false,
      starts: [],
      acceptedCommitted: null,
      terminated: 0,
    });
    expect(await readPartition(database, PLACE)).toEqual({ next_offset: '17', epoch: '1', owner: 'processor-a' });
  });

  it('raises the epoch and keeps the stored offset: only the row knows how far the log has been processed', async () => {
    await givePartition(database, fenceOf(8n), 100n);
    const takeover = await takeOverPartition(database, PLACE, 'processor-b', 0n);
    expect(takeover).toMatchObject({ fence: fenceOf(9n), nextOffset: 100n, last: null, terminated: 0 });
    expect((await readPartition(database, PLACE))?.owner).toBe('processor-b');
  });

  it('tells the last record that was processed, by which the log is known again', async () => {
    await givePartition(database, fenceOf(1n), 100n);
    const last = { digest: Buffer.alloc(32, 7), time: 1_700_000_000_123 };
    await fencedTransaction(database, fenceOf(1n), {}, async (tx) => {
      await advanceOffset(tx, fenceOf(1n), 100n, 101n, last);
      return commit(null);
    });
    expect(await take('processor-b', 0n)).toMatchObject({ nextOffset: 101n, last });
  });

  it('makes no row where the caller knows of no first offset, and raises the epoch of one that is there', async () => {
    expect(await takeOverPartition(database, PLACE, 'processor-a', null)).toEqual({ success: false, reason: 'NO_ROW' });
    expect(await readPartition(database, PLACE)).toBeUndefined();
    await givePartition(database, fenceOf(4n), 9n);
    expect(await takeOverPartition(database, PLACE, 'processor-a', null)).toMatchObject({
      fence: { epoch: 5n },
      nextOffset: 9n,
    });
  });

  it.each([2, 20])('gives %d first owners at once different epochs, of which the highest holds', async (owners) => {
    const takeovers = await Promise.all(Array.from({ length: owners }, (_, i) => take(`processor-${i}`, 0n)));
    const epochs = takeovers.map(({ fence }) => fence.epoch).toSorted((a, b) => Number(a - b));
    expect(epochs).toEqual(Array.from({ length: owners }, (_, i) => BigInt(i + 1)));
    const outcomes = await Promise.all(
      takeovers.map(({ fence }) => fencedTransaction(database, fence, {}, () => Promise.resolve(commit(fence.epoch)))),
    );
    expect(outcomes.filter((outcome) => typeof outcome === 'bigint')).toEqual([BigInt(owners)]);
  });

  it('ends an older owner that holds the row instead of waiting for its handler, and that one commits nothing', async () => {
    await givePartition(database, fenceOf(1n));
    const zombie = await inSlice(fenceOf(1n), 'by the zombie');
    const takeover = await takeOverPartition(database, PLACE, 'processor-b', 0n);
    expect(takeover).toMatchObject({ fence: { epoch: 2n }, terminated: 1 });
    zombie.proceed.open();
    expect(await zombie.outcome).toBeInstanceOf(Error);
    expect(await notes()).toEqual([]);
    // And its next try finds another epoch.
    const next = fencedTransaction(database, fenceOf(1n), {}, () => Promise.reject(new Error('ran')));
    expect(await next).toEqual({ success: false, reason: 'FENCED', epoch: 2n });
  });

  it('ends all transactions of older owners, also one that has not come to the row yet', async () => {
    await givePartition(database, fenceOf(1n));
    const holder = await inSlice(fenceOf(1n), 'by the holder');
    const waiting = fencedTransaction(database, fenceOf(1n), {}, () => Promise.reject(new Error('ran'))).catch(
      (error: unknown) => error,
    );
    await waitingForLock(database, fenceApplicationName(fenceOf(1n)));
    const { terminated } = await take('processor-b', 0n);
    expect(terminated).toBe(2);
    holder.proceed.open();
    expect(await holder.outcome).toBeInstanceOf(Error);
    // Between the two signals the row is free for a moment, still in the old epoch: it may have run, not committed.
    expect(await waiting).toBeInstanceOf(Error);
    expect(await notes()).toEqual([]);
  });

  it('ends nobody else: not partition 11 for 1, not another group, topic or database', async () => {
    const others = [
      fenceOf(1n, { partition: 11 }),
      fenceOf(1n, { partition: 10 }),
      fenceOf(1n, { consumerGroup: 'another' }),
      fenceOf(1n, { topic: 'github.deliveries.g2' }),
    ];
    const slices = [];
    for (const [i, fence] of others.entries()) {
      await givePartition(database, fence);
      slices.push(await inSlice(fence, `slice ${i}`));
    }
    await givePartition(database, fenceOf(1n));
    const zombie = await inSlice(fenceOf(1n), 'by the zombie');

    const neighbour = await testDatabase();
    const elsewhere = connectTo(neighbour.url);
    await givePartition(elsewhere, fenceOf(1n));
    const untouched = await fencedTransaction(elsewhere, fenceOf(1n), {}, async () => {
      expect(await takeOverPartition(database, PLACE, 'processor-b', 0n)).toMatchObject({
        terminated: 1,
      });
      return commit('committed');
    });
    expect(untouched).toBe('committed');
    await elsewhere.close();
    await neighbour.drop();

    zombie.proceed.open();
    for (const { proceed } of slices) proceed.open();
    expect(await Promise.all(slices.map(({ outcome }) => outcome))).toEqual(others.map((_, i) => `slice ${i}`));
    expect(await zombie.outcome).toBeInstanceOf(Error);
  });

  // A lane's run holds rows that its handlers have changed, and comes to the partition's row only at its end.
  it('ends an older owner that does not hold the row, when the epoch is raised and not before', async () => {
    await givePartition(database, fenceOf(1n));
    const begun = createGate();
    const over = createGate();
    const zombie = transaction(database, { applicationName: fenceApplicationName(fenceOf(1n)) }, async (tx) => {
      expect(await checkEpoch(tx, fenceOf(1n))).toBe(true);
      await tx.query(`insert into notes values ('by the zombie')`);
      begun.open();
      await over.opened;
      return commit(null);
    }).catch((error: unknown) => error);
    await begun.opened;
    const taken = await takeOverPartition(database, PLACE, 'processor-b', null).finally(() => over.open());
    expect(taken).toMatchObject({ terminated: 1 });
    expect(await zombie).toBeInstanceOf(Error);
    expect(await notes()).toEqual([]);
    const late = await transaction(database, {}, async (tx) => commit(await checkEpoch(tx, fenceOf(1n))));
    expect(late).toBe(false);
  });

  it('spares whoever has taken over since, and names that are not ours', async () => {
    await givePartition(database, fenceOf(1n));
    const raised = createGate();
    const proceed = createGate();
    const slow: Database = {
      ...database,
      query: async (text, values) => {
        raised.open();
        await proceed.opened;
        return database.query(text, values);
      },
    };
    const first = takeOverPartition(slow, PLACE, 'processor-a', null);
    await raised.opened;
    const { fence } = await take('processor-b', 0n);
    const slice = await inSlice(fence, 'by the present owner');
    const odd = fenceApplicationName(fenceOf(1n)) + 'x';
    const stranger = transaction(database, { applicationName: odd }, async () => {
      proceed.open();
      await first;
      return commit('committed');
    }).finally(() => slice.proceed.open());
    expect(await stranger).toBe('committed');
    expect(await slice.outcome).toBe('by the present owner');
    expect(await first).toMatchObject({ fence: { epoch: 2n }, terminated: 0 });
  });

  it('tells what the row says of its log: which one it is, and how far a committed offset is no alarm', async () => {
    await givePartition(database, fenceOf(1n, { incarnation: 3 }), 10n);
    expect(await take('processor-b', 0n)).toMatchObject({ fence: { incarnation: 3 }, acceptedCommitted: null });
    await database.query('update hookline.partition_offsets set accepted_committed = 9007199254740993');
    expect(await take('processor-b', 0n)).toMatchObject({ acceptedCommitted: 9_007_199_254_740_993n });
  });

  it('tries for as long as someone else holds the row, until it is aborted', async () => {
    await givePartition(database, fenceOf(1n));
    await transaction(database, { applicationName: 'an operator' }, async (tx) => {
      await tx.query('select from hookline.partition_offsets for update');
      const abort = new AbortController();
      const reason = new Error('the partition was lost');
      const takeover = takeOverPartition(database, PLACE, 'processor-b', 0n, abort.signal);
      await waitingForLock(database, 'test');
      abort.abort(reason);
      await expect(takeover).rejects.toBe(reason);
      return rollback(null);
    });
    expect((await readPartition(database, PLACE))?.epoch).toBe('1');
  });

  it('throws what the database throws, and then nothing has changed hands', async () => {
    await expect(takeOverPartition(database, PLACE, 'processor-a', -1n)).rejects.toMatchObject({
      code: '23514',
    });
    expect(await readPartition(database, PLACE)).toBeUndefined();
  });
});
