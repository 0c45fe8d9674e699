import { describe, expect, it } from '@jest/globals';
import type { GenerationState } from '@hookline/contracts';
import type { RecordedTopic } from '@hookline/database';
import { planGeneration } from './generation-plan.ts';

const settings = { topic: 'log', topicGeneration: 1, topicPartitions: 4, topicNextPartitions: 7 };
const row = (topic: string, partitions: number, state: GenerationState): RecordedTopic => ({
  topic,
  generation: topic === 'log' ? 1 : 2,
  partitions,
  state,
  consumerGroup: 'group',
  ends: null,
  movedBy: null,
  movedWhy: null,
});

describe('planGeneration', () => {
  it.each([
    [[row('log', 4, 'active')], 'prepare'],
    [[row('log', 4, 'active'), row('log.g2', 7, 'prepared')], 'prepare'],
    [[row('log', 4, 'sealing'), row('log.g2', 7, 'prepared')], 'seal'],
    [[row('log', 4, 'draining'), row('log.g2', 7, 'prepared')], 'drain'],
    [[row('log', 4, 'moved'), row('log.g2', 7, 'active')], 'done'],
  ])('begins where it was broken off: case %#, %s', (recorded, step) => {
    const plan = planGeneration(settings, recorded);
    expect(plan).toMatchObject({ success: true, step, to: { topic: 'log.g2', generation: 2, partitions: 7 } });
    // Only before what cannot be undone is there something to confirm.
    expect(plan.success && plan.effects.length > 0).toBe(step === 'prepare');
  });

  it.each([
    ['nothing is recorded', [], 'hookline topics create'],
    ['another count is recorded', [row('log', 5, 'active')], 'set HOOKLINE_TOPIC_PARTITIONS'],
    ['it is not read itself', [row('log', 4, 'prepared')], 'is itself prepared only'],
    ['another next one is prepared', [row('log', 4, 'active'), row('log.g2', 9, 'prepared')], '--abandon'],
    [
      'another next one is sealed for',
      [row('log', 4, 'draining'), row('log.g2', 9, 'prepared')],
      /NEXT_PARTITIONS to that\.$/,
    ],
  ])('refuses where %s, and says what to do', (_, recorded, said) => {
    const plan = planGeneration(settings, recorded);
    expect(plan.success ? '' : plan.problem).toMatch(said);
  });
});
