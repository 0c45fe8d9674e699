import { describe, expect, it } from '@jest/globals';
import { isBegunRecorded } from './sampling.ts';

const SAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const UNSAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';

describe('whether a trace that begins here is recorded', () => {
  it.each([
    { ratio: 0, lot: 0, isRecorded: false },
    { ratio: 0.01, lot: 0.0099, isRecorded: true },
    { ratio: 0.01, lot: 0.01, isRecorded: false },
    { ratio: 1, lot: 1 - Number.EPSILON, isRecorded: true },
  ])('is decided by lot: $lot of $ratio is $isRecorded', ({ ratio, lot, isRecorded }) => {
    expect(isBegunRecorded(ratio, [], lot)).toBe(isRecorded);
    expect(isBegunRecorded(ratio, [UNSAMPLED], lot)).toBe(isRecorded);
  });

  it('is without a question where one that it is linked to is', () => {
    expect(isBegunRecorded(0, [UNSAMPLED, SAMPLED])).toBe(true);
  });

  it('is not for the sake of a link that leads nowhere', () => {
    expect(isBegunRecorded(0, ['00-1-2-01'])).toBe(false);
  });
});
