import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { failed, recovered, REPEAT_MS, type Trouble } from './broker-trouble.ts';

/** What is told of failures (`-`) and connections (`+`) at these times, as `time:-times` or `time:+times`. */
function told(...happened: [at: number, what: '-' | '+'][]): string[] {
  let known: Trouble | undefined;
  return happened.flatMap(([at, what]) => {
    if (what === '+' && known === undefined) return [];
    const { tell, trouble } = what === '-' ? failed(known, at) : recovered(known as Trouble, at);
    const times = what === '-' ? trouble.times : (known?.times ?? 0);
    known = trouble;
    return tell ? [`${at}:${what}${times}`] : [];
  });
}

describe('the trouble with a broker', () => {
  it('is told at its first failure, then by number once in a while, and when it is over', () => {
    const each = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i): [number, '-'] => [(from + i) * 1000, '-']);
    expect(told(...each(0, 150), [150_000, '+'])).toEqual(['0:-1', '60000:-61', '120000:-121', '150000:+150']);
  });

  it('is none where a broker is connected to that never failed, and is over once', () => {
    expect(told([0, '+'], [1, '-'], [2, '+'], [3, '+'])).toEqual(['1:-1', '2:+1']);
  });

  it('begins anew after a quiet time', () => {
    expect(told([0, '-'], [10, '+'], [REPEAT_MS + 10, '-'])).toEqual(['0:-1', '10:+1', `${REPEAT_MS + 10}:-1`]);
  });

  it('that comes back at once is told if it lasts, and its end only then', () => {
    expect(told([0, '-'], [10, '+'], [20, '-'], [30, '+'], [40, '-'])).toEqual(['0:-1', '10:+1']);
    expect(told([0, '-'], [10, '+'], [20, '-'], [REPEAT_MS + 10, '-'], [REPEAT_MS + 20, '+'])).toEqual([
      '0:-1',
      '10:+1',
      `${REPEAT_MS + 10}:-2`,
      `${REPEAT_MS + 20}:+2`,
    ]);
  });

  // Whatever a broker does: a bounded log, and a last word that is true, or is corrected within the time.
  it('is told twice in that time at most, and the last word is right where it has lasted', () => {
    const step = fc.tuple(fc.integer({ min: 0, max: REPEAT_MS / 2 }), fc.constantFrom('-' as const, '+' as const));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let at = 0;
        const happened = steps.map(([wait, what]): [number, '-' | '+'] => [(at += wait), what]);
        const words = told(...happened, [at + REPEAT_MS, '-']).map((word) => ({
          at: Number.parseInt(word, 10),
          what: word.split(':')[1]?.[0],
        }));
        expect(words.at(-1)?.what).toBe('-');
        for (const [i, word] of words.entries()) {
          expect(word.what).not.toBe(words[i - 1]?.what === '+' ? '+' : undefined);
          expect(word.at - (words[i - 2]?.at ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(REPEAT_MS);
        }
      }),
    );
  });
});
