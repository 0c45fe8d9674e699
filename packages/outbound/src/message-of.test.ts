import { describe, expect, it } from '@jest/globals';
import { messageOf } from './message-of.ts';

describe('what an error says', () => {
  it('has its code, once', () => {
    expect(messageOf(new Error('plain'))).toBe('plain');
    expect(messageOf(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))).toBe('reset (ECONNRESET)');
    expect(messageOf(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))).toBe('read ECONNRESET');
    expect(messageOf('thrown')).toBe('thrown');
  });

  it('of several without a message of their own is that of the first', () => {
    const errors = [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), new Error('other')];
    expect(messageOf(new AggregateError(errors))).toBe('connect (ECONNREFUSED)');
  });
});
