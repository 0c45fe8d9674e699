import { until } from '@hookline/test-support';
import { describe, expect, it } from '@jest/globals';
import { createRelayHint } from './relay-hint.ts';

describe('the hint to relays', () => {
  it('is sent at once, and what is given meanwhile goes together in the next', async () => {
    const first = Promise.withResolvers<void>();
    let sent = 0;
    const hint = createRelayHint(() => (++sent === 1 ? first.promise : Promise.resolve()));
    for (let given = 0; given < 100; given++) hint();
    expect(sent).toBe(1);
    first.resolve();
    await until('the next', () => sent > 1);
    hint();
    await until('another', () => sent > 2);
    expect(sent).toBe(3);
  });

  it('goes on after one that could not be sent', async () => {
    let sent = 0;
    const hint = createRelayHint(() => (++sent === 1 ? Promise.reject(new Error('away')) : Promise.resolve()));
    hint();
    hint();
    await until('the next', () => sent === 2);
  });
});
