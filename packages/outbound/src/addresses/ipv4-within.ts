import { isIPv6 } from 'node:net';

/** The first 96 bits of IPv6 addresses that stand for an IPv4 address: mapped, and translated by NAT64. */
const PREFIXES = [
  [0, 0, 0, 0, 0, 0xffff],
  [0x64, 0xff9b, 0, 0, 0, 0],
];

/** The IPv4 address that an IPv6 address stands for, or null. */
export function ipv4Within(address: string): string | null {
  if (!isIPv6(address)) return null;
  const groups = expand(address);
  if (!PREFIXES.some((prefix) => prefix.every((group, i) => groups[i] === group))) return null;
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** The eight groups of a valid IPv6 address. */
function expand(address: string): number[] {
  // A URL writes an IPv4 address at the end as two groups, too. A zone does not belong to the address.
  const written = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const [left = '', right] = written.split('::');
  const before = groupsOf(left);
  if (right === undefined) return before;
  const after = groupsOf(right);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
