import { setTimeout as delay } from 'node:timers/promises';

const TIMEOUT_MS = 15_000;
const INTERVAL_MS = 10;

/** Polls until `probe` resolves to something truthy, and returns that. */
export async function until<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = performance.now() + TIMEOUT_MS; ;) {
    const found = await probe();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`Not within ${TIMEOUT_MS} ms: ${what}.`);
    await delay(INTERVAL_MS);
  }
}
