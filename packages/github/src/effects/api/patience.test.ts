import { describe, expect, it } from '@jest/globals';
import { createPatience } from './patience.ts';

describe('patience', () => {
  let now = 0;
  const patience = createPatience({ monotonic: () => now });
  const limitedAt = (ms: number, target = 'a') => {
    now = ms;
    return patience.limited(target);
  };

  it('is longer each time, up to an hour, and for its target only', () => {
    const waits: number[] = [];
    for (let at = 0, n = 0; n < 8; n += 1) {
      waits.push(limitedAt(at));
      at += waits.at(-1) ?? 0;
    }
    expect(waits.map((ms) => ms / 60_000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(limitedAt(now, 'b')).toBe(60_000);
  });

  it('is not longer for requests that went out together', () => {
    expect([limitedAt(1e8, 'c'), limitedAt(1e8 + 10_000, 'c'), limitedAt(1e8 + 59_999, 'c')]).toEqual([
      60_000, 50_000, 1,
    ]);
    expect(limitedAt(1e8 + 60_000, 'c')).toBe(120_000);
  });

  it('begins anew when a request has passed, but for one that went out before the limit', () => {
    limitedAt(2e8, 'd');
    patience.passed('d');
    expect(limitedAt(2e8 + 30_000, 'd')).toBe(30_000);
    now = 2e8 + 60_000;
    patience.passed('d');
    expect(limitedAt(2e8 + 60_001, 'd')).toBe(60_000);
  });
});
