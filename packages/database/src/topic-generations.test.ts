import { describe, expect, it } from '@jest/globals';
import { ownDatabase } from './testing/own-database.ts';
import { readTopicGeneration, recordTopicGeneration } from './topic-generations.ts';

const database = ownDatabase();

describe("a topic's recorded partition count and key rule", () => {
  it('is recorded once, and recording the same again is no mistake', async () => {
    const wanted = { topic: 'first', generation: 1, partitions: 24, keyRule: 'repository' } as const;
    expect(await readTopicGeneration(database, 'first')).toBeNull();
    expect(await recordTopicGeneration(database, wanted)).toEqual({ success: true, already: false });
    expect(await recordTopicGeneration(database, wanted)).toEqual({ success: true, already: true });
    expect(await readTopicGeneration(database, 'first')).toEqual(wanted);
  });

  it.each([{ partitions: 48 }, { generation: 2 }, { keyRule: 'owner' as const }])(
    'is never changed: with %j a key would change its partition',
    async (difference) => {
      const recorded = { topic: 'kept', generation: 1, partitions: 24, keyRule: 'repository' } as const;
      await recordTopicGeneration(database, recorded);
      expect(await recordTopicGeneration(database, { ...recorded, ...difference })).toEqual({
        success: false,
        reason: 'MISMATCH',
        recorded,
      });
      expect(await readTopicGeneration(database, 'kept')).toEqual(recorded);
    },
  );

  it('is one of the two when two record different numbers at once, and the other one is told', async () => {
    const outcomes = await Promise.all(
      [24, 48].map((partitions) => recordTopicGeneration(database, { topic: 'contested', generation: 1, partitions })),
    );
    const recorded = await readTopicGeneration(database, 'contested');
    expect(outcomes.filter(({ success }) => success)).toEqual([{ success: true, already: false }]);
    expect(outcomes.find(({ success }) => !success)).toEqual({ success: false, reason: 'MISMATCH', recorded });
  });

  it.each([{ partitions: 0 }, { generation: 0 }])('refuses %j', async (difference) => {
    const wrong = { topic: 'wrong', generation: 1, partitions: 1, ...difference };
    await expect(recordTopicGeneration(database, wrong)).rejects.toMatchObject({ code: '23514' });
  });
});
