import { describe, expect, it } from '@jest/globals';
import { createWakeup } from './wakeup.ts';

describe('a wait', () => {
  // A timer that is asked for more than it can wait fires at once: a clock of the database that is ahead would spin us.
  it('for longer than a timer can wait lasts until it is woken', async () => {
    const wakeup = createWakeup();
    let ended = false;
    const wait = wakeup.wait(2 ** 31, new AbortController().signal).then(() => (ended = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ended).toBe(false);
    wakeup.wake();
    await wait;
  });

  it('is over at once after a wake that came before it', async () => {
    const wakeup = createWakeup();
    wakeup.wake();
    await expect(wakeup.wait(null, new AbortController().signal)).resolves.toBeUndefined();
  });
});
