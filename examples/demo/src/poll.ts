import { setTimeout as delay } from 'node:timers/promises';

const INTERVAL_MS = 100;

/**
 * Asks until the answer is not undefined, and resolves to it, or to undefined when the time is up. Rejects when the
 * question does, and with the signal's reason when that is aborted.
 */
export async function poll<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<T | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined || performance.now() > deadline) return answer;
    await delay(INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
}
