// The thread that watches the main one. Plain: what it decides and does is in the files it imports, and tested there.
import { setTimeout as delay } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { endBlocked, tellStdout } from './end-blocked.ts';
import { openMainThread } from './main-thread.ts';
import type { WatchdogData } from './start-watchdog.ts';
import { createWatch } from './watch.ts';

const { beats, service, tickMs, limitTicks, silent } = workerData as WatchdogData;
const counter = new Int32Array(beats);
const isBlocked = createWatch(limitTicks);

const ticking = setInterval(() => {
  if (!isBlocked(Atomics.load(counter, 0))) return;
  clearInterval(ticking);
  void endBlocked({
    service,
    blockedMs: limitTicks * tickMs,
    mainThread: openMainThread,
    tell: silent ? () => Promise.resolve() : tellStdout,
    signal: () => process.kill(process.pid, 'SIGALRM'),
    delay: (ms) => delay(ms),
  });
}, tickMs);
