import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

export interface WatchdogSettings {
  /** Named in the last line. */
  service: string;
  /** How long the event loop may be blocked, in milliseconds; 0: for ever. */
  limitMs: number;
  /** Nothing is said. */
  silent: boolean;
  /** The thread has ended by itself, and nobody watches any more. */
  onLost: (error: unknown) => void;
}

/** What the thread is given. */
export interface WatchdogData {
  /** One Int32: raised by the main thread. */
  beats: SharedArrayBuffer;
  service: string;
  tickMs: number;
  limitTicks: number;
  silent: boolean;
}

/** Looks within the limit, at most one a second: an idle process is to stay idle. */
const LOOKS = 10;
const LONGEST_TICK_MS = 1000;

/**
 * Ends the process when its event loop has been blocked for too long: by a handler that computes for ever, timers,
 * heartbeats and signal handlers do not run any more, so that only another thread can. It watches until the process
 * ends, a stop included, whose own deadline is a timer, too.
 */
export function startWatchdog({ service, limitMs, silent, onLost }: WatchdogSettings): void {
  if (limitMs === 0) return;
  const tickMs = Math.ceil(Math.min(LONGEST_TICK_MS, limitMs / LOOKS));
  const beats = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const counter = new Int32Array(beats);
  setInterval(() => Atomics.add(counter, 0, 1), tickMs).unref();
  const data: WatchdogData = { beats, service, tickMs, limitTicks: Math.ceil(limitMs / tickMs), silent };
  // Beside this file, as source or built.
  const thread = new Worker(new URL(`./thread${extname(import.meta.url)}`, import.meta.url), { workerData: data });
  thread.once('error', onLost);
  thread.unref();
}
