import { describe, expect, it } from '@jest/globals';
import { messageOf } from './message-of.ts';

describe('what an error says', () => {
  it.each([
    [new Error('a bug'), 'a bug'],
    [new TypeError(''), 'TypeError'],
    ['a text', 'a text'],
    [404, '404'],
    [
      new AggregateError([new Error('refused at ::1'), new Error('refused at 127.0.0.1')]),
      'refused at ::1; refused at 127.0.0.1',
    ],
    [new AggregateError([new Error('too few'), new Error('too few')], 'no topic'), 'no topic: too few'],
    [new AggregateError([], ''), 'AggregateError'],
  ])('is never empty: %p', (error, message) => {
    expect(messageOf(error)).toBe(message);
  });
});
