import { describe, expect, it } from '@jest/globals';
import { nextTopology, type Topology } from './leaders.ts';

const settings = { topic: 'log', partitions: 3 };
const unknown: Topology = { state: 'unknown', reason: 'Kafka has not been reached yet.' };
const partition = (partitionId: number, leader: number) => ({
  partitionId,
  leader,
  partitionErrorCode: 0,
  replicas: [],
  isr: [],
});
const found = [partition(0, 1), partition(1, 2), partition(2, 1)];
const known = nextTopology(unknown, settings, { found });

describe('nextTopology', () => {
  it('groups the partitions by leader', () => {
    expect(known).toEqual({
      state: 'known',
      doubt: null,
      leaders: new Map([
        [1, [0, 2]],
        [2, [1]],
      ]),
    });
  });

  it('keeps the leaders that it knew through an outage, and doubts them', () => {
    const doubted = nextTopology(known, settings, { error: 'late' });
    expect(doubted).toEqual({ ...known, doubt: 'Kafka does not answer: late' });
    expect(nextTopology(doubted, settings, { found })).toEqual(known);
  });

  it('says what to do about a topic that is not there', () => {
    const missing = 'Topic log does not exist. Create it: hookline topics create.';
    expect(nextTopology(known, settings, { found: null })).toEqual({ state: 'unknown', reason: missing });
    expect(nextTopology(unknown, settings, { error: 'refused' })).toMatchObject({ state: 'unknown' });
  });

  it('stays with a mismatch until Kafka says otherwise', () => {
    const grown = nextTopology(known, settings, { found: [...found, partition(3, 1)] });
    expect(grown).toMatchObject({ state: 'mismatch', reason: expect.stringContaining('has 4 partitions where 3 are') });
    expect(nextTopology(grown, settings, { error: 'late' })).toBe(grown);
    expect(nextTopology(grown, settings, { found })).toEqual(known);
  });
});
