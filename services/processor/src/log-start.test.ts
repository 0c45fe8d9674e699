import { describe, expect, it } from '@jest/globals';
import { createLogStart } from './log-start.ts';

describe('createLogStart', () => {
  it('asks once for all partitions that ask at the same time, and again later', async () => {
    let asked = 0;
    const start = createLogStart(() =>
      Promise.resolve(
        new Map([
          [0, BigInt((asked += 1) * 10)],
          [1, 7n],
        ]),
      ),
    );
    expect(await Promise.all([start(0), start(1), start(0)])).toEqual([10n, 7n, 10n]);
    expect(await start(0)).toBe(20n);
    expect(asked).toBe(2);
  });

  it('does not remember a question that failed', async () => {
    let failures = 1;
    const start = createLogStart(() =>
      failures-- > 0 ? Promise.reject(new Error('away')) : Promise.resolve(new Map([[0, 3n]])),
    );
    await expect(start(0)).rejects.toThrow('away');
    expect(await start(0)).toBe(3n);
  });

  it('refuses a partition that Kafka does not have', async () => {
    await expect(createLogStart(() => Promise.resolve(new Map()))(5)).rejects.toMatchObject({ code: 'TOPIC_MISMATCH' });
  });
});
