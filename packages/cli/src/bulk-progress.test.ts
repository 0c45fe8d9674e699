import { describe, expect, it } from '@jest/globals';
import { bulkProgress } from './bulk-progress.ts';

describe('how far a bulk is', () => {
  it('is said every two seconds at most, and not of the last part, whose result is said', () => {
    const said: string[] = [];
    let now = 0;
    const output = { data: () => {}, progress: (text: string) => void said.push(text) };
    const progress = bulkProgress('Written', output, () => now);
    for (const [at, done] of [
      [100, 10],
      [2_000, 20],
      [3_999, 30],
      [4_000, 199],
      [9_000, 200],
    ] as const) {
      now = at;
      progress(done, 200);
    }
    expect(said).toEqual(['Written 20 of 200 (10 %)', 'Written 199 of 200 (99 %)']);
  });
});
