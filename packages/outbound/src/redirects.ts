import type { OutboundResult } from './outbound.ts';

const KEEP_METHOD = [307, 308];
const MOVED = [301, 302];

/** Where to go on with the same request, on the same scheme, host and port; null: the answer stands. */
export function nextHop(method: string, from: URL, result: OutboundResult): string | null {
  if (!result.success) return null;
  const { status, headers } = result;
  const safe = method === 'GET' || method === 'HEAD';
  if (!KEEP_METHOD.includes(status) && !(safe && MOVED.includes(status))) return null;
  const { location } = headers;
  if (location === undefined || !URL.canParse(location, from.href)) return null;
  const to = new URL(location, from);
  return to.origin === from.origin ? to.href : null;
}
