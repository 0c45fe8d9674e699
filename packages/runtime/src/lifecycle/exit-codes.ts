/** The exit codes of every service. A second signal exits with 128 plus the signal's number, as shells report it. */
export const EXIT = {
  /** Stopped on request, with everything that was begun finished. */
  ok: 0,
  /** The start failed, the stop failed, or an error reached nobody. The last log line, level fatal, says which. */
  crashed: 1,
  /** The configuration is wrong; stderr names every bad value. Starting again will not help. */
  badConfiguration: 2,
  /** Stopped on request, but what was begun did not finish within HOOKLINE_STOP_GRACE_MS. */
  drainTimedOut: 3,
  /** The event loop was blocked for longer than HOOKLINE_WATCHDOG_MS: ended by SIGALRM, which shells report so. */
  loopBlocked: 142,
} as const;
