import { option, type ConfigOf } from '@hookline/runtime';
import { isAllowEntry } from './addresses/address-policy.ts';

const proxy = (env: string, scheme: string) =>
  option.optionalUrl({
    env,
    help: `Proxy for ${scheme} URLs of others, as http://user:password@host:port.`,
    schemes: ['http', 'https'],
  });

/** How servers of others are reached: GitHub, and the targets of posts and routes. */
export const outboundOptions = {
  outboundAllow: option.custom<string[]>({
    env: 'HOOKLINE_OUTBOUND_ALLOW',
    help:
      'Servers that may be asked although their addresses are private, loopback or otherwise special: addresses, ranges ' +
      'as 10.1.0.0/16, or names of hosts, which are allowed whatever they resolve to.',
    type: 'list',
    allowed: 'separated by commas',
    default: [],
    parse: (text) => {
      const entries = text.split(',').map((entry) => entry.trim());
      const bad = entries.find((entry) => !isAllowEntry(entry));
      if (bad === undefined) return { success: true, value: entries };
      return { success: false, reason: `a list with ${JSON.stringify(bad)}, no address, range or name of a host` };
    },
    format: (entries) => entries.join(','),
  }),
  caFile: option.optionalString({
    env: 'HOOKLINE_CA_FILE',
    help: 'PEM file of certificate authorities that are trusted besides the usual ones: of a GitHub Enterprise Server, a target or a proxy.',
  }),
  httpProxy: proxy('HTTP_PROXY', 'http'),
  httpsProxy: proxy('HTTPS_PROXY', 'https'),
  noProxy: option.optionalString({
    env: 'NO_PROXY',
    help: 'Hosts that are reached without the proxy, separated by commas: names, which stand for all below them too, each with a port or not; * for all.',
  }),
};

export type OutboundConfig = ConfigOf<typeof outboundOptions>;
