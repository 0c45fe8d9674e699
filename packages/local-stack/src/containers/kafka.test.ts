import { describe, expect, it } from '@jest/globals';
import { toEnvironment } from './kafka.ts';

describe('toEnvironment', () => {
  it('spells properties as the published image reads them', () => {
    expect(toEnvironment({ 'node.id': '1', 'a.b-c_d': 'x=y' })).toEqual({
      KAFKA_NODE_ID: '1',
      KAFKA_A_B___C__D: 'x=y',
    });
  });
});
