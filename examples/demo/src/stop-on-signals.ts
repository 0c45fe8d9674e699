import { constants } from 'node:os';

/** Why everything is being stopped. */
export class Stopped extends Error {
  override name = 'Stopped';
  /** As shells report it. */
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`Stopped by ${signal}.`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** Copies of one signal, by a terminal, a process group and npm, come within this time; a person takes longer. */
const COPIES_MS = 400;

/**
 * Aborts, with a {@link Stopped} as reason, on the first SIGINT, SIGTERM or SIGHUP. A second one ends the process at
 * once; guardians then end what it had started.
 */
export function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  let stoppedAt = Infinity;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      const reason = new Stopped(name);
      if (performance.now() - stoppedAt > COPIES_MS) process.exit(reason.exitCode);
      stoppedAt = Math.min(stoppedAt, performance.now());
      stop.abort(reason);
    });
  }
  return stop.signal;
}
