import { beforeEach, describe, expect, it } from '@jest/globals';
import { openLanes } from '../lanes/open-lanes.ts';
import { setDirty } from '../set-dirty.ts';
import { takeOverPartition } from '../take-over-partition.ts';
import { createGate } from '../testing/gate.ts';
import { waitingForLock } from '../testing/backends.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { fenceOf, givePartition, PLACE } from '../testing/partitions.ts';
import { commit, transaction } from '../transaction.ts';
import { clearHalt } from './clear-halt.ts';
import type { HaltState } from './halt.ts';
import { readHalts } from './read-halts.ts';
import { readPartitions } from './read-partitions.ts';
import { writeHalt } from './write-halt.ts';

const database = ownDatabase();

beforeEach(async () => {
  await database.query('truncate hookline.partition_offsets, hookline.partition_halts, hookline.lanes');
});

const HALT: HaltState = {
  reason: 'LOG_EXPIRED',
  detail: 'The log begins at 9007199254740993, offset 100 is next.',
  nextOffset: 100n,
  logStart: 9_007_199_254_740_993n,
  logEnd: 9_007_199_254_740_994n,
  committed: null,
  owner: 'processor-a',
};

describe('a halt', () => {
  it('is what its owner saw, for whoever decides; a later one takes its place', async () => {
    await givePartition(database, fenceOf(4n), 100n);
    expect(await writeHalt(database, PLACE, { ...HALT, epoch: 4n })).toBe(true);
    expect(await readHalts(database, PLACE)).toEqual([
      { ...HALT, partition: 1, haltedAt: expect.any(Date), isPresent: true },
    ]);
    const again = { ...HALT, reason: 'LOG_DIFFERS', nextOffset: 3n, logStart: null, logEnd: null, committed: 7n };
    expect(await writeHalt(database, PLACE, { ...again, epoch: 4n })).toBe(true);
    expect(await readHalts(database, PLACE)).toEqual([
      { ...again, partition: 1, haltedAt: expect.any(Date), isPresent: true },
    ]);
    // An owner that was frozen until another had halted the partition.
    await clearHalt(database, { ...PLACE, epoch: 3n });
    await clearHalt(database, { ...PLACE, epoch: null });
    expect(await readHalts(database, PLACE)).toHaveLength(1);
    await clearHalt(database, { ...PLACE, epoch: 4n });
    expect(await readHalts(database, PLACE)).toEqual([]);
  });

  it('is present unless a takeover came after it, however soon', async () => {
    await givePartition(database, fenceOf(4n), 100n);
    await writeHalt(database, PLACE, { ...HALT, epoch: 4n });
    await database.query(
      `update hookline.partition_offsets
          set taken_over_at = (select halted_at + interval '1 microsecond' from hookline.partition_halts)`,
    );
    expect(await readHalts(database, PLACE)).toMatchObject([{ isPresent: false }]);
  });

  it('can be of a partition that the database does not know', async () => {
    expect(await writeHalt(database, PLACE, { ...HALT, nextOffset: null, epoch: null })).toBe(true);
    expect(await readHalts(database, PLACE)).toMatchObject([{ nextOffset: null, isPresent: true }]);
  });

  it.each([3n, 5n, null])('is not written by an owner of epoch %s, where the row has 4', async (epoch) => {
    await givePartition(database, fenceOf(4n), 100n);
    expect(await writeHalt(database, PLACE, { ...HALT, epoch })).toBe(false);
    await givePartition(database, fenceOf(4n, { partition: 2 }), 100n);
    expect(await writeHalt(database, { ...PLACE, partition: 3 }, { ...HALT, epoch: 4n })).toBe(false);
    expect(await readHalts(database, PLACE)).toEqual([]);
  });

  // Otherwise it would come after the takeover has removed what was there, and say of a running partition that it waits.
  it('that meets a takeover comes before it, or is not written', async () => {
    await givePartition(database, fenceOf(4n), 100n);
    const raised = createGate();
    const end = createGate();
    const takeover = transaction(database, {}, async (tx) => {
      await tx.query('update hookline.partition_offsets set epoch = epoch + 1');
      raised.open();
      await end.opened;
      return commit(null);
    });
    await raised.opened;
    const late = writeHalt(database, PLACE, { ...HALT, epoch: 4n });
    try {
      await waitingForLock(database, 'test');
    } finally {
      end.open();
    }
    await takeover;
    expect(await late).toBe(false);
    expect(await readHalts(database, PLACE)).toEqual([]);
  });

  it('is of its group, topic and partition alone', async () => {
    const others = [
      { ...PLACE, partition: 11 },
      { ...PLACE, consumerGroup: 'g' },
      { ...PLACE, topic: 't' },
    ];
    for (const place of [PLACE, ...others]) await writeHalt(database, place, { ...HALT, epoch: null });
    await clearHalt(database, { ...PLACE, epoch: null });
    expect((await readHalts(database, PLACE)).map(({ partition }) => partition)).toEqual([11]);
  });
});

describe('the list of partitions', () => {
  it('says of each who has it, how far it is and what waits', async () => {
    await takeOverPartition(database, { ...PLACE, partition: 11 }, 'processor-b', 9_007_199_254_740_993n);
    await givePartition(database, fenceOf(4n, { incarnation: 2 }), 100n);
    await givePartition(database, fenceOf(4n, { topic: 't' }));
    await setDirty(database, fenceOf(4n));
    const lane = { attempts: 1, kills: 0, deferrals: 0, dueInMs: 0, error: 'x' };
    await openLanes(database, fenceOf(4n), [
      { ...lane, orderingKey: 'a' },
      { ...lane, orderingKey: 'b' },
    ]);
    await openLanes(database, fenceOf(4n, { topic: 't' }), [{ ...lane, orderingKey: 'c' }]);
    await database.query(`update hookline.lanes set records = 2, bytes = 30, state = 'held' where ordering_key = 'b'`);
    const none = { lanes: 0, heldLanes: 0, waitingRecords: 0, waitingBytes: 0 };
    expect(await readPartitions(database, PLACE)).toEqual([
      {
        ...none,
        partition: 1,
        nextOffset: 100n,
        epoch: 4n,
        incarnation: 2,
        owner: 'test',
        dirty: true,
        lanes: 2,
        heldLanes: 1,
        waitingRecords: 2,
        waitingBytes: 30,
      },
      {
        ...none,
        partition: 11,
        nextOffset: 9_007_199_254_740_993n,
        epoch: 1n,
        incarnation: 1,
        owner: 'processor-b',
        dirty: false,
      },
    ]);
  });
});
