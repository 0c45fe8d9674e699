import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readBody, storedBytes } from './stored-body.ts';

describe('a stored body', () => {
  it('comes back byte for byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.integer({ min: 0, max: 20 }), (bytes, times) => {
        const body = Buffer.concat(Array.from({ length: times }, () => bytes));
        expect(readBody(storedBytes(body)).equals(body)).toBe(true);
        expect(readBody(storedBytes(body), body.length).equals(body)).toBe(true);
      }),
    );
  });

  it('is compressed where that is smaller, and never larger than it was', () => {
    const json = Buffer.from(JSON.stringify(Array.from({ length: 500 }, (_, id) => ({ id, name: 'repository' }))));
    expect(storedBytes(json).encoding).toBe('zstd');
    expect(storedBytes(json).bytes.length).toBeLessThan(json.length / 4);
    const noise = randomBytes(1000);
    expect(storedBytes(noise)).toEqual({ encoding: 'identity', bytes: noise });
    expect(storedBytes(Buffer.alloc(0))).toEqual({ encoding: 'identity', bytes: Buffer.alloc(0) });
  });
});
