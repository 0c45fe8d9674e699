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
