/**
 * How much of the work is asked for; nothing said: all of it.
 *
 * @throws {Error} saying what `--scale` must be
 */
export function scaleOf(text = '1'): number {
  const scale = Number(text);
  if (!(scale > 0 && scale <= 1)) throw new Error(`--scale is "${text}"; it must be above 0 and at most 1.`);
  return scale;
}
