import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { storableText } from './storable-text.ts';

describe('text that is stored', () => {
  it('is as it was, where PostgreSQL takes it', () => {
    expect(storableText('ünï\n"quoted" 🪝', 100)).toBe('ünï\n"quoted" 🪝');
  });

  it('has no NUL and no half of a pair, which PostgreSQL refuses', () => {
    expect(storableText('a\0b\ud83e', 100)).toBe('ab\ufffd');
  });

  it.each([
    ['€€€', 8, '€€'],
    ['€€€', 9, '€€€'],
    ['🪝🪝', 7, '🪝'],
    ['abc', 2, 'ab'],
    ['€', 2, ''],
  ])('of %s, %d bytes are %s: never a part of a character', (text, bytes, kept) => {
    expect(storableText(text, bytes)).toBe(kept);
  });

  it('fits, is well formed, and is the beginning of what was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(80), (text, max) => {
        const kept = storableText(text, max);
        expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(max);
        expect(kept.isWellFormed()).toBe(true);
        expect(text.replaceAll('\0', '').toWellFormed().startsWith(kept)).toBe(true);
      }),
    );
  });
});
