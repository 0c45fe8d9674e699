import { isIP } from 'node:net';
import { addressRanges, isRange } from './address-ranges.ts';
import { SPECIAL_RANGES } from './special-ranges.ts';

/** Which servers may be asked. */
export interface AddressPolicy {
  /** Why an address may not be connected to, as in "10.0.0.1 is private"; null: it may. */
  refusal(address: string): string | null;
  /** Whether a host is allowed by its name, whatever that resolves to. */
  allowsHost(host: string): boolean;
}

/** Names, as URLs write them. Wildcards would be wider than they look. */
const HOST = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i;

/** Whether a text can be an entry of the list of what is allowed: an address, a range, or the name of a host. */
export function isAllowEntry(text: string): boolean {
  // What ends in a number is an address that is none, not a name.
  return isRange(text) || (HOST.test(text) && !/(^|\.)\d+$/.test(text));
}

/** @param allow what is allowed although it is special: each as {@link isAllowEntry} takes it */
export function addressPolicy(allow: readonly string[]): AddressPolicy {
  const allowed = addressRanges(allow.filter(isRange));
  const hosts = new Set(allow.filter((entry) => !isRange(entry)).map((name) => name.toLowerCase()));
  const special = SPECIAL_RANGES.map(([range, what]) => ({ ranges: addressRanges([range]), what }));
  return {
    refusal(address) {
      // Also what is no address: nothing is known of it.
      if (isIP(address) === 0) return `${address} is no address`;
      if (allowed.includes(address)) return null;
      const found = special.find(({ ranges }) => ranges.includes(address));
      return found === undefined ? null : `${address} is ${found.what}`;
    },
    allowsHost: (host) => hosts.has(host.toLowerCase().replace(/\.$/, '')),
  };
}
