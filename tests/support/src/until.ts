import { setTimeout as delay } from 'node:timers/promises';

/** Polls until `probe` gives something other than undefined or false, and returns that. Fails with `what` after 30 s. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  while (performance.now() < deadline) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await delay(20);
  }
  throw new Error(`Waited ${timeoutMs / 1000} s in vain for: ${what}`, { cause });
}
