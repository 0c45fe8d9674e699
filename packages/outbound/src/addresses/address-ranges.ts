import { BlockList, isIP } from 'node:net';
import { ipv4Within } from './ipv4-within.ts';

/** Whether a text is an address, or a range as CIDR writes it: `10.0.0.0/8`, `fd00::/8`. */
export function isRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** A set of ranges. Node's own list would find IPv4 addresses in ranges of IPv6: they are kept apart here. */
export interface AddressRanges {
  /** An IPv4 address within one of IPv6 (`::ffff:127.0.0.1`) is judged as what it is. */
  includes(address: string): boolean;
}

/** @param ranges each as {@link isRange} takes it */
export function addressRanges(ranges: readonly string[]): AddressRanges {
  const lists = { 4: new BlockList(), 6: new BlockList() };
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address) === 4 ? 4 : 6;
    lists[family].addSubnet(address, Number(bits ?? (family === 4 ? 32 : 128)), `ipv${family}`);
  }
  return {
    includes(address) {
      const within = ipv4Within(address);
      if (within !== null) return lists[4].check(within, 'ipv4');
      return isIP(address) === 4 ? lists[4].check(address, 'ipv4') : lists[6].check(address, 'ipv6');
    },
  };
}
