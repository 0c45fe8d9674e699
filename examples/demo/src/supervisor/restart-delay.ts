const FIRST_MS = 250;
const MAX_MS = 10_000;

/** Milliseconds before a service that has died is started again: doubled each time that it died young. */
export function restartDelayMs(youngDeaths: number): number {
  return Math.min(MAX_MS, FIRST_MS * 2 ** Math.max(0, youngDeaths - 1));
}
