import { describe, expect, it } from '@jest/globals';
import { toJson } from './json.ts';

describe('toJson', () => {
  it('writes offsets as digits, times as ISO 8601 and bytes in hex', () => {
    const value = { offset: 2n ** 60n, at: new Date(0), digest: Buffer.from('ff00', 'hex') };
    expect(toJson(value)).toBe('{"offset":"1152921504606846976","at":"1970-01-01T00:00:00.000Z","digest":"ff00"}');
  });

  // Some of it was written by strangers, and not every terminal is a program.
  it('is the same text to programs, and nothing to a terminal', () => {
    const value = { error: 'a\n\u001b[2J\u009b31m\u202e\u007fé' };
    const text = toJson(value);
    expect(text).toBe(String.raw`{"error":"a\n\u001b[2J\u009b31m\u202e\u007fé"}`);
    expect(JSON.parse(text)).toEqual(value);
  });
});
