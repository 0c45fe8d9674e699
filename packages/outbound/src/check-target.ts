import { isIP } from 'node:net';
import { addressPolicy, type AddressPolicy } from './addresses/address-policy.ts';
import { AddressRefused, resolveChecked, type Resolve } from './addresses/checked-lookup.ts';
import type { OutboundFailure, OutboundResult } from './outbound.ts';

interface TargetCheck {
  policy: AddressPolicy;
  resolve: Resolve;
  /** A proxy may be the one who connects. */
  proxied: boolean;
  signal: AbortSignal;
}

/**
 * Looks at a URL before anything is sent. An address that it names is checked here, since connecting to it looks nothing up;
 * `127.1`, `0x7f000001` and the like are addresses, too. A name is checked by the socket that connects; where a proxy
 * connects, it is checked here as far as it resolves here, and what the proxy resolves it to is the proxy's to guard.
 */
export async function checkTarget(
  text: string,
  { policy, resolve, proxied, signal }: TargetCheck,
): Promise<{ success: true; url: URL } | Extract<OutboundResult, { success: false }>> {
  const invalid = urlProblem(text);
  if (invalid !== null) return refuse('URL_INVALID', invalid);
  const url = new URL(text);
  const host = hostOf(url);
  if (isIP(host) !== 0) {
    const refusal = policy.refusal(host);
    return refusal === null
      ? { success: true, url }
      : refuse('ADDRESS_REFUSED', new AddressRefused(host, refusal).message);
  }
  if (!proxied) return { success: true, url };
  const refused = await Promise.race([refusalByName(host, policy, resolve), aborted(signal)]);
  return refused === null ? { success: true, url } : refuse('ADDRESS_REFUSED', refused.message);
}

/** Without the brackets that a URL writes around an address of IPv6. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/**
 * Why a URL that can be asked leads to an address that is not allowed, as far as it says so itself; null: nothing is known
 * against it. So that a configuration can be refused at the start.
 */
export function addressProblem(url: string, allow: readonly string[]): string | null {
  const host = hostOf(new URL(url));
  return isIP(host) === 0 ? null : addressPolicy(allow).refusal(host);
}

/** Why a URL cannot be asked: a phrase that quotes nothing of it, since it may hold what is secret. Null: it can. */
function urlProblem(text: string): string | null {
  if (!URL.canParse(text)) return 'not a URL';
  const { protocol, username, password } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:')
    return `a URL of the scheme ${protocol.slice(0, -1)}, not http or https`;
  return username === '' && password === '' ? null : 'a URL with a user name or password';
}

async function refusalByName(host: string, policy: AddressPolicy, resolve: Resolve): Promise<AddressRefused | null> {
  try {
    await resolveChecked(host, policy, resolve);
  } catch (error) {
    if (error instanceof AddressRefused) return error;
  }
  return null;
}

/** The deadline is told by who sends. */
function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}

function refuse(reason: OutboundFailure, error: string): Extract<OutboundResult, { success: false }> {
  return { success: false, reason, began: false, error };
}
