import { setTimeout as delay } from 'node:timers/promises';

const INTERVAL_MS = 50;

/**
 * Polls until `probe` resolves to true. A probe that throws has not succeeded yet; its last error is the cause of the
 * rejection. `giveUp` may end the wait early, even after a success: what it returns is why.
 */
export async function waitUntil(
  what: string,
  timeoutMs: number,
  probe: () => Promise<boolean> | boolean,
  giveUp: () => string | undefined = () => undefined,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    let succeeded = false;
    try {
      succeeded = await probe();
    } catch (error) {
      cause = error;
    }
    const reason = giveUp();
    if (reason !== undefined) throw new Error(`${what}: ${reason}`, { cause });
    if (succeeded) return;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs / 1000} s`, { cause });
    await delay(INTERVAL_MS);
  }
}
