/**
 * What the `Retry-After` of an answer says, in milliseconds from now; null: nothing that can be understood. Seconds, or a
 * date, which may have passed.
 *
 * @param now milliseconds since the Unix epoch
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: number): number | null {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return null;
  if (/^\d{1,10}$/.test(value)) return Number(value) * 1000;
  // Date.parse takes much that is no date of HTTP, such as "-1" or "5.5".
  const at = /[A-Za-z]{3}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(at - now, 0);
}
