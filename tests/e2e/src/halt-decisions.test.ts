import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readHalts } from '@hookline/database';
import { deleteRecords, until } from '@hookline/test-support';
import { LOST, startTwoPartitions, type TwoPartitions } from './system/two-partitions.ts';

let system: TwoPartitions;

beforeEach(async () => {
  system = await startTwoPartitions();
});
afterEach(() => system.stop());

/** Halts the lost partition at offset 5 by LOG_EXPIRED; its log has 9 to 14. */
async function expire(): Promise<void> {
  await system.processed(5);
  await system.append(LOST, 10);
  await deleteRecords(system.stack.brokers, { topic: system.topic, partition: LOST, before: 9n });
}

async function outcome(): Promise<string | null | undefined> {
  const { rows } = await system.database.query<{ outcome: string | null }>(
    'select outcome from hookline.partition_commands',
  );
  return rows[0]?.outcome;
}

// A decision must reach the partition whoever dies on the way, and once.
describe('a decision about a halted partition', () => {
  it('is applied once by the next owner, when the one that it was made for dies before', async () => {
    await expire();
    const frozen = system.startProcessor();
    await system.untilHalted('LOG_EXPIRED');
    frozen.signal('SIGSTOP');
    const decided = await system.resume('log-start', '--wait', '0');
    expect(decided).toMatchObject({ code: 0, stderr: expect.stringContaining('Not applied yet') });
    expect(await outcome()).toBeNull();
    frozen.signal('SIGKILL');

    system.startProcessor();
    await system.untilDecided(LOST, 11);
    expect((await system.commands()).decided).toEqual(['resumed ada']);
    expect(await outcome()).toBe('applied');
    expect((await system.decisions()).at(5)).toBe('1:9 processed');
    expect(await readHalts(system.database, { consumerGroup: system.topic, topic: system.topic })).toEqual([]);
  }, 240_000);

  it('can be made while no processor runs, and is refused where the state is another one by then', async () => {
    await expire();
    const processor = system.startProcessor();
    await system.untilHalted('LOG_EXPIRED');
    await processor.stop();
    const decided = await system.resume('log-start', '--wait', '1');
    expect(decided).toMatchObject({ code: 3, stderr: expect.stringContaining('No processor has the partition now') });
    // Somebody has moved what the decision was made on.
    await system.database.query('update hookline.partition_offsets set next_offset = 4 where kafka_partition = $1', [
      LOST,
    ]);

    system.startProcessor();
    await until('the refusal', async () => (await outcome()) === 'refused', 90_000);
    expect(await system.commands()).toEqual({
      decided: ['refused ada'],
      detail: expect.stringContaining('Decided on LOG_EXPIRED at offset 5'),
    });
    expect(await system.decisions()).toHaveLength(5);

    expect((await system.resume('10')).stderr).toContain('Applied.');
    await system.untilDecided(LOST, 10);
    expect((await system.commands()).decided).toEqual(['refused ada', 'resumed ada']);
    expect((await system.decisions()).slice(5)).toEqual([10, 11, 12, 13, 14].map((offset) => `1:${offset} processed`));
  }, 240_000);
});
