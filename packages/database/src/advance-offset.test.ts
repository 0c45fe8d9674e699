import { beforeEach, describe, expect, it } from '@jest/globals';
import { advanceOffset } from './advance-offset.ts';
import type { Queryable } from './database.ts';
import { TransactionLost } from './guarded-client.ts';
import { fencedTransaction, type Fence } from './fence.ts';
import { ownDatabase } from './testing/own-database.ts';
import { fenceOf, givePartition, PLACE, readPartition } from './testing/partitions.ts';
import { commit, transaction } from './transaction.ts';

const database = ownDatabase();

beforeEach(async () => {
  await database.query('truncate hookline.partition_offsets');
  await givePartition(database, owner, 10n);
});

const owner: Fence = fenceOf(5n);
const last = { digest: Buffer.alloc(32, 7), time: Date.UTC(2026, 0, 31, 12, 0, 0, 123) };

function underFence(work: (tx: Queryable) => Promise<void>) {
  return fencedTransaction(database, owner, {}, async (tx) => commit(await work(tx)));
}

async function storedOffset(): Promise<string | undefined> {
  return (await readPartition(database, PLACE))?.next_offset;
}

describe('advancing the offset', () => {
  it('moves it, with the witness by which a later owner knows the log again', async () => {
    await underFence((tx) => advanceOffset(tx, owner, 10n, 9_007_199_254_740_993n, last));
    const { rows } = await database.query(
      'select next_offset, last_record_digest, last_record_time from hookline.partition_offsets',
    );
    expect(rows).toEqual([
      { next_offset: '9007199254740993', last_record_digest: last.digest, last_record_time: new Date(last.time) },
    ]);
  });

  it.each([9n, 11n])(
    'throws when the row is not at %d: nothing may be skipped, and nothing counted twice',
    async (from) => {
      await expect(underFence((tx) => advanceOffset(tx, owner, from, 20n, last))).rejects.toThrow(
        `Partition 1 of github.deliveries is no longer at offset ${from} in this epoch and transaction.`,
      );
      expect(await storedOffset()).toBe('10');
    },
  );

  it.each([{ epoch: 4n }, { partition: 2 }, { topic: 'other' }, { consumerGroup: 'other' }])(
    'throws for a fence that is not the one of the row: %j',
    async (difference) => {
      await expect(underFence((tx) => advanceOffset(tx, { ...owner, ...difference }, 10n, 20n, last))).rejects.toThrow(
        /no longer at offset/,
      );
      expect(await storedOffset()).toBe('10');
    },
  );

  it('throws outside the fenced transaction, where nothing holds the row', async () => {
    const unfenced = transaction(database, {}, async (tx) => commit(await advanceOffset(tx, owner, 10n, 20n, last)));
    await expect(unfenced).rejects.toThrow(/no longer at offset/);
    expect(await storedOffset()).toBe('10');
  });

  it.each(['commit and chain', 'rollback and chain', 'commit; begin'])(
    'throws after %j, which leaves a transaction open that is not the fenced one',
    async (statement) => {
      const chained = underFence(async (tx) => {
        await tx.query(statement);
        await advanceOffset(tx, owner, 10n, 20n, last);
      });
      await expect(chained).rejects.toThrow(TransactionLost);
      expect(await storedOffset()).toBe('10');
    },
  );
});
