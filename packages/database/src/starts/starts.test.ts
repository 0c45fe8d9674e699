import { beforeEach, describe, expect, it } from '@jest/globals';
import { takeOverPartition, type Takeover } from '../take-over-partition.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { fenceOf, PLACE } from '../testing/partitions.ts';
import { cancelRun } from './cancel-run.ts';
import { endRun } from './end-run.ts';
import { startRun } from './start-run.ts';

const database = ownDatabase();

beforeEach(async () => {
  await database.query('truncate hookline.partition_offsets, hookline.record_starts');
});

const LOG = { stage: 'log', orderingKey: '', firstPosition: 17n, records: 1 } as const;
const LANE = { stage: 'lane', orderingKey: 'github.com/repository/1', firstPosition: 0n, records: 500 } as const;

/** What an owner finds when it takes over. */
async function found(owner: string) {
  return ((await takeOverPartition(database, PLACE, owner, 0n)) as Takeover).starts;
}

describe('a run that was noted before it began', () => {
  it('is found by other processes, whoever comes first and however often, until it is ended', async () => {
    const fence = fenceOf(1n);
    await startRun(database, fence, 'dead', LOG);
    await startRun(database, fence, 'dead', LANE);
    const starts = [
      { ...LANE, owner: 'dead' },
      { ...LOG, owner: 'dead' },
    ];
    expect(await found('b')).toEqual(starts);
    expect(await found('c')).toEqual(starts);
    await endRun(database, fence, LANE);
    expect(await found('d')).toEqual([{ ...LOG, owner: 'dead' }]);
    await endRun(database, fence, LOG);
    expect(await found('e')).toEqual([]);
  });

  it('blames nobody where its own process takes over again: it is alive, and has only lost a connection', async () => {
    await startRun(database, fenceOf(1n), 'a', LOG);
    await startRun(database, fenceOf(1n), 'b', LANE);
    expect(await found('a')).toEqual([{ ...LANE, owner: 'b' }]);
    // Nor is it found by the next one.
    expect(await found('c')).toEqual([{ ...LANE, owner: 'b' }]);
  });

  it('is taken back by who has noted it, when it is given up, also after the partition was lost', async () => {
    const { fence } = (await takeOverPartition(database, PLACE, 'a', 0n)) as Takeover;
    await startRun(database, fence, 'a', LANE);
    await cancelRun(database, fenceOf(fence.epoch + 1n), 'a', LANE);
    await cancelRun(database, fence, 'b', LANE);
    await cancelRun(database, fence, 'a', LOG);
    expect(await found('b')).toEqual([{ ...LANE, owner: 'a' }]);
    await cancelRun(database, fence, 'a', LANE);
    expect(await found('c')).toEqual([]);
  });

  it('takes the place of the last one there: one of the log, and one of each lane', async () => {
    await startRun(database, fenceOf(1n), 'dead', LOG);
    await startRun(database, fenceOf(1n), 'dead', LANE);
    await startRun(database, fenceOf(2n), 'later', { ...LOG, firstPosition: 18n });
    expect(await found('c')).toEqual([
      { ...LANE, owner: 'dead' },
      { ...LOG, firstPosition: 18n, owner: 'later' },
    ]);
  });

  it('is of its partition alone', async () => {
    for (const place of [{ partition: 11 }, { consumerGroup: 'g' }, { topic: 't' }]) {
      await startRun(database, fenceOf(1n, place), 'dead', LOG);
    }
    expect(await found('b')).toEqual([]);
    await startRun(database, fenceOf(1n), 'dead', LOG);
    await endRun(database, fenceOf(1n), LOG);
    const { rowCount } = await database.query('select 1 from hookline.record_starts');
    expect(rowCount).toBe(3);
  });
});
