import { describe, expect, it } from '@jest/globals';
import { abortable } from './abortable.ts';
import { poll } from './poll.ts';
import { within } from './within.ts';

const never = new Promise<never>(() => {});
const reason = new Error('stop');

describe('abortable', () => {
  it('settles as the work does', async () => {
    const { signal } = new AbortController();
    await expect(abortable(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(abortable(Promise.reject(reason), signal)).rejects.toBe(reason);
  });

  it('rejects with the reason, aborted before or meanwhile', async () => {
    await expect(abortable(never, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const work = abortable(never, controller.signal);
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
  });
});

describe('within', () => {
  it('gives the work its time, and no more', async () => {
    await expect(within(Promise.resolve(1), 1000)).resolves.toBe(1);
    await expect(within(Promise.reject(reason), 1000)).rejects.toBe(reason);
    await expect(within(never, 1)).resolves.toBeUndefined();
  });
});

describe('poll', () => {
  it('asks until there is an answer', async () => {
    let asked = 0;
    const ask = () => ((asked += 1) < 3 ? undefined : asked);
    await expect(poll(ask, { timeoutMs: 10_000, signal: new AbortController().signal })).resolves.toBe(3);
  });

  it('gives up when the time is up, and at once when it is stopped', async () => {
    const nothing = () => undefined;
    await expect(poll(nothing, { timeoutMs: 0, signal: new AbortController().signal })).resolves.toBeUndefined();
    const controller = new AbortController();
    const polling = poll(nothing, { timeoutMs: 60_000, signal: controller.signal });
    controller.abort(reason);
    await expect(polling).rejects.toBe(reason);
  });
});
