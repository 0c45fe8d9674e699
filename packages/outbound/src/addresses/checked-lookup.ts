import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import type { AddressPolicy } from './address-policy.ts';

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

export const resolveBySystem: Resolve = (host) => lookup(host, { all: true });

/** The address that a URL or a name leads to is not allowed. */
export class AddressRefused extends Error {
  override name = 'AddressRefused';

  constructor(host: string, refusal: string) {
    const subject = refusal.startsWith(`${host} `)
      ? refusal
      : `${host} leads to an address that is not allowed: ${refusal}`;
    super(`${subject}. Allow it by HOOKLINE_OUTBOUND_ALLOW if it is yours.`);
  }
}

/**
 * Resolves a name, and throws {@link AddressRefused} if any of its addresses is refused: with one that is not, the next
 * attempt could be at the other.
 */
export async function resolveChecked(host: string, policy: AddressPolicy, resolve: Resolve): Promise<LookupAddress[]> {
  const addresses = await resolve(host);
  if (policy.allowsHost(host)) return addresses;
  for (const { address } of addresses) {
    const refusal = policy.refusal(address);
    if (refusal !== null) throw new AddressRefused(host, refusal);
  }
  return addresses;
}

/**
 * The look-up of a socket that connects: what is checked is what is connected to. A check before, by a look-up of its own,
 * could be given another answer than the socket.
 */
export function checkedLookup(policy: AddressPolicy, resolve: Resolve): LookupFunction {
  return (host, options, callback) => {
    void look(host, options, callback);
  };

  async function look(host: string, options: LookupOptions, callback: Parameters<LookupFunction>[2]): Promise<void> {
    let found: LookupAddress[];
    try {
      const { family = 0 } = options;
      found = (await resolveChecked(host, policy, resolve)).filter((each) => family === 0 || each.family === family);
    } catch (error) {
      callback(error as Error, '', 0);
      return;
    }
    const [first] = found;
    if (first === undefined) callback(new Error(`${host} has no address`), '', 0);
    else if (options.all === true) callback(null, found);
    else callback(null, first.address, first.family);
  }
}
