/**
 * Milliseconds to wait before attempt `attempt` (1 is the first retry): doubling from `baseMs` to `maxMs`, each with
 * full jitter over its upper half, so that processes that failed together do not come back together.
 *
 * @param random a number in [0, 1)
 */
export function backoffMs(
  attempt: number,
  { baseMs, maxMs }: { baseMs: number; maxMs: number },
  random: number,
): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return ceiling / 2 + (ceiling / 2) * random;
}
