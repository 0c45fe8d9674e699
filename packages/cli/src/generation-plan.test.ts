import { describe, expect, it } from '@jest/globals';
import type { GenerationState } from '@hookline/contracts';
import type { RecordedTopic } from '@hookline/database';
import { planGeneration } from './generation-plan.ts';

const settings = {
  topic: 'log',
  topicGeneration: 1,
  topicPartitions: 4,
  topicNextPartitions: 7,
  keyRule: 'repository',
  nextKeyRule: 'same',
} as const;
const row = (topic: string, partitions: number, state: GenerationState): RecordedTopic => ({
  topic,
  generation: topic === 'log' ? 1 : 2,
  partitions,
  keyRule: 'repository',
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
    [
      'another key rule is recorded',
      [{ ...row('log', 4, 'active'), keyRule: 'owner' as const }],
      'set HOOKLINE_KEY_RULE',
    ],
    ['it is not read itself', [row('log', 4, 'prepared')], 'is itself prepared only'],
    ['another next one is prepared', [row('log', 4, 'active'), row('log.g2', 9, 'prepared')], '--abandon'],
    [
      'another next one is sealed for',
      [row('log', 4, 'draining'), row('log.g2', 9, 'prepared')],
      /NEXT_PARTITIONS and HOOKLINE_NEXT_KEY_RULE to that\.$/,
    ],
    [
      'another next rule is prepared',
      [row('log', 4, 'active'), { ...row('log.g2', 7, 'prepared'), keyRule: 'owner' as const }],
      'HOOKLINE_NEXT_KEY_RULE',
    ],
  ])('refuses where %s, and says what to do', (_, recorded, said) => {
    const plan = planGeneration(settings, recorded);
    expect(plan.success ? '' : plan.problem).toMatch(said);
  });

  it('says what a changed key rule means, and where it is to be set', () => {
    const plan = planGeneration({ ...settings, nextKeyRule: 'owner' }, [row('log', 4, 'active')]);
    expect(plan).toMatchObject({ success: true, to: { keyRule: 'owner' } });
    const said = plan.success ? plan.effects.join('\n') : '';
    expect(said).toContain('all repositories of an owner are in one order');
    expect(said.match(/HOOKLINE_NEXT_KEY_RULE=owner/g)).toHaveLength(2);
    const same = planGeneration(settings, [row('log', 4, 'active')]);
    expect(same.success ? same.effects.join('\n') : 'KEY_RULE').not.toContain('KEY_RULE');
  });
});
