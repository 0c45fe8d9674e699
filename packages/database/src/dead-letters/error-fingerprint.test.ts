import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { errorFingerprint } from './error-fingerprint.ts';

function failure(
  message: string,
  name = 'Error',
  stack = `${name}: ${message}\n    at run (/app/welcome.js:3:5)`,
): Error {
  return Object.assign(new Error(message), { name, stack });
}
const fingerprint = (error: unknown) => errorFingerprint(error).fingerprint;

describe('the fingerprint of an error', () => {
  it.each([
    ['numbers', 'issue 17 is locked', 'issue 2041 is locked'],
    ['UUIDs', 'no delivery 6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'no delivery 0C2F5F4E-1B1B-4C6E-8F7A-0A0A0A0A0A0A'],
    ['hashes', 'commit 9b1deb4d is unknown', 'commit deadbeef01 is unknown'],
    ['addresses', 'at 0xff01', 'at 0xAb'],
    ['what is quoted', 'Key (guid)="a b" of \'x\' and `y`', 'Key (guid)="c" of \'\' and `zz`'],
  ])('leaves out what differs from delivery to delivery: %s', (_, one, other) => {
    expect(fingerprint(failure(one))).toBe(fingerprint(failure(other)));
  });

  it.each([
    ['another message', failure('issue is closed')],
    ['another name', failure('issue is locked', 'TypeError')],
    ['another place', failure('issue is locked', 'Error', 'Error\n    at run (/app/other.js:3:5)')],
    ['words, and not hashes', failure('feedback is locked')],
  ])('tells faults apart: %s', (_, other) => {
    expect(fingerprint(other)).not.toBe(fingerprint(failure('issue is locked')));
    expect(fingerprint(other)).toMatch(/^[0-9a-f]{16}$/);
  });

  it('takes words of the letters a to f for what they are', () => {
    expect(fingerprint(failure('defaced'))).not.toBe(fingerprint(failure('effaced')));
  });

  it('is that of the place, not of the line: another release has moved it', () => {
    const at = (line: number) =>
      failure('x', 'Error', `Error: x\n    at run (/app/welcome.js:${line}:5)\n    at /b.js:${line}:1`);
    expect(fingerprint(at(3))).toBe(fingerprint(at(400)));
  });

  it('looks at the top of the stack only: below are the ways by which one fault is reached', () => {
    const below = (deep: string) =>
      failure(
        'x',
        'Error',
        ['Error: x', ...['a', 'b', 'c', deep].map((f) => `    at ${f} (/app/x.js:1:1)`)].join('\n'),
      );
    expect(fingerprint(below('slice'))).toBe(fingerprint(below('lane')));
  });
});

describe('what is kept of an error', () => {
  it('is its message and its stack', () => {
    const error = failure('issue 17 is locked');
    expect(errorFingerprint(error)).toMatchObject({ message: 'issue 17 is locked', stack: error.stack });
  });

  it.each([
    ['text', 'failed', 'failed'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an object', { message: 'like an error' }, 'like an error'],
    ['an object without a word', { code: 1 }, '[object Object]'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['what has no text', Object.create(null), 'Something was thrown that cannot be read.'],
    [
      'what defends itself',
      Object.defineProperty({}, 'message', {
        get: () => {
          throw new Error('no');
        },
      }),
      'Something was thrown that cannot be read.',
    ],
  ])('is never another error, whatever was thrown: %s', (_, thrown, message) => {
    expect(errorFingerprint(thrown)).toMatchObject({ message, stack: null });
  });

  it('is bounded, and has nothing that PostgreSQL refuses', () => {
    const huge = errorFingerprint(failure('\0€'.repeat(1_000_000), 'Error', '\0'.repeat(1_000_000)));
    expect(Buffer.byteLength(huge.message)).toBeLessThanOrEqual(4096);
    expect(huge.stack).toBe('');
    expect(Buffer.byteLength(errorFingerprint(failure('x', 'x', 'y'.repeat(100_000))).stack ?? '')).toBe(16_384);
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (thrown) => {
        const kept = errorFingerprint(thrown);
        expect(kept.message).not.toContain('\0');
        expect(kept.fingerprint).toMatch(/^[0-9a-f]{16}$/);
      }),
    );
  });
});
