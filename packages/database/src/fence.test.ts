import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fenceApplicationName, fenceApplicationPrefix, fencedTransaction, type Fence } from './fence.ts';
import { processId, waitingForLock } from './testing/backends.ts';
import { createGate } from './testing/gate.ts';
import { ownDatabase } from './testing/own-database.ts';
import { fenceOf, givePartition } from './testing/partitions.ts';
import { commit, rollback, transaction } from './transaction.ts';

const database = ownDatabase();

beforeAll(async () => {
  await database.query('create table notes (note text)');
});
beforeEach(async () => {
  await database.query('truncate notes, hookline.partition_offsets');
  await givePartition(database, owner, 42n);
});

const owner: Fence = fenceOf(3n);

async function notes(): Promise<string[]> {
  const { rows } = await database.query<{ note: string }>('select note from notes order by note');
  return rows.map((row) => row.note);
}

/** What a takeover does to the row. */
const RAISE = 'update hookline.partition_offsets set epoch = epoch + 1';

describe('a fenced transaction', () => {
  it('runs for the owner, from the stored offset, under the name by which a takeover finds it', async () => {
    const seen = await fencedTransaction(database, owner, {}, async (tx, nextOffset) => {
      const { rows } = await tx.query<{ name: string }>("select current_setting('application_name') as name");
      await tx.query("insert into notes values ('written')");
      return commit({ nextOffset, name: rows[0]?.name });
    });
    expect(seen).toEqual({ nextOffset: 42n, name: fenceApplicationName(owner) });
    expect(await notes()).toEqual(['written']);
  });

  it.each([2n, 4n])('of epoch %d runs nothing where the row has epoch 3: a zombie commits zero rows', async (epoch) => {
    const outcome = await fencedTransaction(database, { ...owner, epoch }, {}, () => Promise.reject(new Error('ran')));
    expect(outcome).toEqual({ success: false, reason: 'FENCED', epoch: 3n });
  });

  it('runs nothing where there is no row: nobody has taken the partition over, or someone has removed it', async () => {
    const elsewhere = { ...owner, partition: 2 };
    const outcome = await fencedTransaction(database, elsewhere, {}, () => Promise.reject(new Error('ran')));
    expect(outcome).toEqual({ success: false, reason: 'FENCED', epoch: null });
  });

  it('holds the row to its end: a takeover that comes meanwhile comes after all that it wrote', async () => {
    const locked = createGate();
    const takeover = createGate();
    const slice = fencedTransaction(database, owner, {}, async (tx) => {
      await tx.query("insert into notes values ('written')");
      locked.open();
      await takeover.opened;
      return commit('committed');
    });
    await locked.opened;
    const seenByTakeover = transaction(database, { applicationName: 'takeover' }, async (tx) => {
      await tx.query(RAISE);
      return commit((await tx.query('select note from notes')).rows);
    });
    await waitingForLock(database, 'takeover');
    takeover.open();
    expect(await slice).toBe('committed');
    expect(await seenByTakeover).toEqual([{ note: 'written' }]);
  });

  it('that comes while a takeover has the row waits for it, and is fenced out', async () => {
    const raised = createGate();
    const end = createGate();
    const takeover = transaction(database, {}, async (tx) => {
      await tx.query(RAISE);
      raised.open();
      await end.opened;
      return commit(null);
    });
    await raised.opened;
    const slice = fencedTransaction(database, owner, {}, () => Promise.reject(new Error('ran')));
    await waitingForLock(database, fenceApplicationName(owner));
    end.open();
    await takeover;
    expect(await slice).toEqual({ success: false, reason: 'FENCED', epoch: 4n });
  });

  it('that comes while a takeover has the row runs when that takeover is rolled back', async () => {
    const raised = createGate();
    const end = createGate();
    const takeover = transaction(database, {}, async (tx) => {
      await tx.query(RAISE);
      raised.open();
      await end.opened;
      return rollback(null);
    });
    await raised.opened;
    const slice = fencedTransaction(database, owner, {}, () => Promise.resolve(commit('ran')));
    await waitingForLock(database, fenceApplicationName(owner));
    end.open();
    await takeover;
    expect(await slice).toBe('ran');
  });

  it('serialises two transactions of one owner, and lets those of two partitions run at once', async () => {
    const other = { ...owner, partition: 2 };
    await givePartition(database, other);
    const pids = await fencedTransaction(database, owner, {}, async (first) => {
      const second = await fencedTransaction(database, other, {}, async (tx) => commit(await processId(tx)));
      return commit([await processId(first), second]);
    });
    expect(new Set(pids as number[]).size).toBe(2);
    await fencedTransaction(database, owner, {}, async () => {
      const again = fencedTransaction(database, owner, { lockTimeoutMs: 20 }, () => Promise.resolve(commit(null)));
      await expect(again).rejects.toMatchObject({ code: '55P03' });
      return commit(null);
    });
  });
});

describe('the name of a fenced transaction', () => {
  const fence = fc.record({
    consumerGroup: fc.string({ maxLength: 300 }),
    topic: fc.string({ maxLength: 300 }),
    partition: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    epoch: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
    incarnation: fc.constant(1),
  });

  it('is never cut by PostgreSQL, which keeps 63 bytes: a cut epoch would be that of another owner', () => {
    fc.assert(
      fc.property(fence, (one) => {
        expect(Buffer.byteLength(fenceApplicationName(one))).toBeLessThanOrEqual(63);
      }),
    );
  });

  it('begins with the prefix of its own place, and of no other: partition 1 is not 11', () => {
    expect(fenceApplicationName({ ...owner, partition: 11 }).startsWith(fenceApplicationPrefix(owner))).toBe(false);
    fc.assert(
      fc.property(fence, fence, (one, other) => {
        const samePlace =
          one.consumerGroup === other.consumerGroup && one.topic === other.topic && one.partition === other.partition;
        expect(fenceApplicationName(one).startsWith(fenceApplicationPrefix(one))).toBe(true);
        expect(fenceApplicationName(one).startsWith(fenceApplicationPrefix(other))).toBe(samePlace);
      }),
    );
  });

  it('tells where the group ends and the topic begins', () => {
    const names = [
      { ...owner, consumerGroup: 'a', topic: 'bc' },
      { ...owner, consumerGroup: 'ab', topic: 'c' },
    ].map(fenceApplicationName);
    expect(names[0]).not.toBe(names[1]);
  });
});
