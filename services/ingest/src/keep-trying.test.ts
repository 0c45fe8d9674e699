import { until } from '@hookline/test-support';
import { expect, it } from '@jest/globals';
import { keepTrying } from './keep-trying.ts';

it('tries until it succeeds, tells each reason once, and says meanwhile why it waits', async () => {
  const reasons = ['one', 'one', 'two'];
  const told: unknown[] = [];
  const seen: (string | undefined)[] = [];
  const attempts = keepTrying({
    retryMs: 1,
    attempt: async () => {
      seen.push(attempts.failure());
      const reason = reasons.shift();
      if (reason !== undefined) throw new Error(reason);
      return 7;
    },
    succeeded: (value) => told.push(value),
    failed: (error) => told.push(String(error)),
  });
  expect(attempts.value()).toBeUndefined();
  attempts.start();
  await until('it succeeds', () => attempts.value() === 7);
  expect(told).toEqual(['Error: one', 'Error: two', 7]);
  expect(seen).toEqual([undefined, 'one', 'one', 'two']);
  expect(attempts.failure()).toBeUndefined();
});

// Deliveries wait for it: who came first must go on first, and before whoever comes in the moment when it is there.
it('gives its value to all who wait, in the order in which they came, and lets nobody wait longer than wanted', async () => {
  const attempt = Promise.withResolvers<number>();
  const told: [string, number | undefined][] = [];
  const wait = async (who: string) => void told.push([who, await attempts.valueWithin(60_000)]);
  const attempts = keepTrying({
    retryMs: 1,
    attempt: () => attempt.promise,
    succeeded: () => void wait('d'),
    failed: () => undefined,
  });
  attempts.start();
  expect(await Promise.all([attempts.valueWithin(1), attempts.valueWithin(-1)])).toEqual([undefined, undefined]);
  const waiting = Promise.all([wait('a'), wait('b'), wait('c')]);
  attempt.resolve(7);
  await waiting;
  await until('the last has it', () => told.length === 4);
  expect(told.map(String)).toEqual(['a,7', 'b,7', 'c,7', 'd,7']);
});

it.each(['succeeds', 'fails'])('takes no notice of an attempt that %s after the stop', async (how) => {
  const attempt = Promise.withResolvers<number>();
  const told: unknown[] = [];
  const attempts = keepTrying({
    retryMs: 1,
    attempt: () => attempt.promise,
    succeeded: (value) => told.push(value),
    failed: (error) => told.push(error),
  });
  attempts.start();
  attempts.stop();
  if (how === 'succeeds') attempt.resolve(1);
  else attempt.reject(new Error('late'));
  await attempt.promise.catch(() => undefined);
  await Promise.resolve();
  expect([told, attempts.value(), attempts.failure()]).toEqual([[], undefined, undefined]);
});
