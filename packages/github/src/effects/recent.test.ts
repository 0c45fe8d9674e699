import { describe, expect, it } from '@jest/globals';
import { createRecent } from './recent.ts';

describe('what is kept', () => {
  it('is bounded: what was kept longest ago is forgotten', () => {
    const recent = createRecent<string>(2);
    recent.keep('a', '1');
    recent.keep('b', '2');
    recent.keep('a', '3');
    recent.keep('c', '4');
    expect(['a', 'b', 'c'].map((key) => recent.get(key))).toEqual(['3', undefined, '4']);
    recent.forget('a');
    expect(recent.get('a')).toBeUndefined();
  });
});
