import { setTimeout as delay } from 'node:timers/promises';

/** How long after one hint the next is sent. */
const GAP_MS = 5;

/**
 * A hint to relays that effects were committed: sent at once, off the path of whoever gives it; those that are given
 * meanwhile go together in the next. One that is lost is nothing: relays look by themselves, a little later.
 */
export function createRelayHint(send: () => Promise<void>): () => void {
  let wanted = false;
  let sending = false;

  async function run(): Promise<void> {
    sending = true;
    while (wanted) {
      wanted = false;
      await send().catch(() => {});
      await delay(GAP_MS, undefined, { ref: false });
    }
    sending = false;
  }

  return () => {
    wanted = true;
    if (!sending) void run();
  };
}
