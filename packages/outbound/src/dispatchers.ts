import type { LookupFunction } from 'node:net';
import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import type { OutboundConfig } from './options.ts';
import { readAuthorities } from './read-ca.ts';

const CONNECT_MS = 10_000;

/** What connects, by a proxy where the configuration says so. */
export function createDispatcher(
  { caFile, httpProxy, httpsProxy, noProxy }: Omit<OutboundConfig, 'outboundAllow'>,
  lookup: LookupFunction,
): { dispatcher: Dispatcher; proxied: boolean } {
  const tls = caFile === undefined ? {} : { ca: readAuthorities(caFile) };
  const options = {
    connect: { ...tls, lookup, timeout: CONNECT_MS },
    // Of two requests in one connection, the end of the first would be that of the second.
    allowH2: false,
    pipelining: 1,
    // The deadline of a request covers these.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  if (httpProxy === undefined && httpsProxy === undefined) return { dispatcher: new Agent(options), proxied: false };
  const dispatcher = new EnvHttpProxyAgent({
    ...options,
    // Empty, and not absent: undici would look at the environment itself.
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? '',
    noProxy: noProxy ?? '',
    // The proxy itself is the operator's, wherever it is.
    proxyTls: { ...tls, timeout: CONNECT_MS },
    requestTls: tls,
  });
  return { dispatcher, proxied: true };
}
