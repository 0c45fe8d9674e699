import { describe, expect, it } from '@jest/globals';
import type { GenerationState } from '@hookline/contracts';
import type { RecordedTopic } from '@hookline/database';
import { selectGeneration } from './select-generation.ts';

const log = {
  topic: 'log',
  topicGeneration: 1,
  topicPartitions: 4,
  topicNextPartitions: 7,
  keyRule: 'repository',
  nextKeyRule: 'same',
} as const;
const FIRST = { topic: 'log', generation: 1, partitions: 4, keyRule: 'repository' } as const;
const SECOND = { topic: 'log.g2', generation: 2, partitions: 7, keyRule: 'repository' } as const;

function recorded(...states: GenerationState[]): RecordedTopic[] {
  return states.map((state, i) => ({
    ...([FIRST, SECOND][i] as typeof FIRST),
    state,
    consumerGroup: 'group',
    ends: null,
    movedBy: null,
    movedWhy: null,
  }));
}

describe('selectGeneration', () => {
  // Two generations that are read at once would process a repository's later deliveries before its earlier ones.
  it.each(['active', 'sealing', 'draining'] as const)('reads the old one while it is %s, and no other', (state) => {
    expect(selectGeneration(log, recorded(state, 'prepared'))).toEqual({ success: true, generation: FIRST });
  });

  it('reads the next one when the old one has moved', () => {
    expect(selectGeneration(log, recorded('moved', 'active'))).toEqual({ success: true, generation: SECOND });
  });

  it('reads nothing before it is its turn', () => {
    const ahead = { ...log, topicGeneration: 2, topicPartitions: 7, topicNextPartitions: 0 };
    expect(selectGeneration(ahead, recorded('draining', 'prepared'))).toMatchObject({ reason: 'NOT_YET' });
    expect(selectGeneration(ahead, recorded('moved', 'active'))).toEqual({ success: true, generation: SECOND });
  });

  it('reads nothing where the next one is not configured, and says what to set', () => {
    expect(selectGeneration({ ...log, topicNextPartitions: 0 }, recorded('moved', 'active'))).toEqual({
      success: false,
      reason: 'MOVED',
      problem: expect.stringMatching(/moved to log\.g2: set HOOKLINE_TOPIC_GENERATION/),
    });
    expect(selectGeneration(log, recorded('moved', 'moved'))).toMatchObject({ reason: 'MOVED' });
  });

  it('selects what is not recorded, for whoever checks it to complain of', () => {
    expect(selectGeneration(log, [])).toEqual({ success: true, generation: FIRST });
  });
});
