import { describe, expect, it } from '@jest/globals';
import { readAnswer } from './read-answer.ts';

const answered = (partition: number, baseOffset: string, errorCode = 0) => ({
  topicName: 'log',
  partition,
  errorCode,
  baseOffset,
});

describe('readAnswer', () => {
  it('counts offsets up from the base of each partition, beyond 2^53 too', () => {
    const answer = [answered(1, '9007199254740993'), answered(0, '5')];
    expect(readAnswer([0, 0, 1, 1, 0], answer)).toEqual({
      success: true,
      offsets: ['5', '6', '9007199254740993', '9007199254740994', '7'],
    });
  });

  it.each([
    ['leaves a partition out', [answered(0, '5')], 'the answer does not name partition 1'],
    ['is empty', [], 'the answer does not name partition 0'],
    ['holds an error', [answered(0, '5'), answered(1, '6', 7)], 'partition 1 answered with error 7'],
    ['holds no offset', [answered(0, '-1'), answered(1, '6')], 'the answer does not name partition 0'],
    [
      'is of an old protocol without offsets',
      [{ topicName: 'log', partition: 0, errorCode: 0 }, answered(1, '6')],
      'the answer does not name partition 0',
    ],
  ])('counts nothing as written when the answer %s', (_, answer, detail) => {
    expect(readAnswer([0, 1], answer)).toEqual({ success: false, detail });
  });
});
