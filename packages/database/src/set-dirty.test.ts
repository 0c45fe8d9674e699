import { beforeEach, describe, expect, it } from '@jest/globals';
import { clearDirty, setDirty } from './set-dirty.ts';
import { takeOverPartition, type Takeover } from './take-over-partition.ts';
import { ownDatabase } from './testing/own-database.ts';
import { fenceOf, givePartition, PLACE } from './testing/partitions.ts';

const database = ownDatabase();

beforeEach(async () => {
  await database.query('truncate hookline.partition_offsets');
});

const take = async (owner: string) => (await takeOverPartition(database, PLACE, owner, 0n)) as Takeover;

describe('the mark of an owner that has begun work', () => {
  it('is found by the next owner, and by those after it, until one of them clears it', async () => {
    const first = await take('a');
    expect(first.dirty).toBe(false);
    expect(await setDirty(database, first.fence)).toBe(true);
    expect((await take('b')).dirty).toBe(true);
    const third = await take('c');
    expect(third.dirty).toBe(true);
    await setDirty(database, third.fence);
    await clearDirty(database, third.fence, 'c');
    expect((await take('d')).dirty).toBe(false);
  });

  it('is not made by a stale owner, which has no work to begin', async () => {
    const { fence: stale } = await take('a');
    await take('b');
    expect(await setDirty(database, stale)).toBe(false);
    expect((await take('c')).dirty).toBe(false);
  });

  // A stale owner that ends well says nothing about the work of the present one.
  it('is not cleared by a stale owner, nor by another process that believes in this epoch', async () => {
    const { fence: stale } = await take('a');
    const { fence } = await take('b');
    await setDirty(database, fence);
    await clearDirty(database, stale, 'a');
    await clearDirty(database, fence, 'a');
    expect((await take('c')).dirty).toBe(true);
  });

  it('is of its partition alone', async () => {
    const elsewhere = fenceOf(1n, { partition: 2 });
    await givePartition(database, elsewhere);
    const { fence } = await take('a');
    await setDirty(database, fence);
    await setDirty(database, elsewhere);
    await clearDirty(database, elsewhere, 'test');
    expect((await take('b')).dirty).toBe(true);
  });
});
