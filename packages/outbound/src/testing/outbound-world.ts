import type { Resolve } from '../addresses/checked-lookup.ts';
import { createOutbound } from '../create-outbound.ts';
import type { OutboundConfig } from '../options.ts';
import type { Outbound, OutboundRequest, OutboundResult } from '../outbound.ts';

const created: Outbound[] = [];

/** Allows 127.0.0.1, where the servers of tests are, and no other address. */
export function anOutbound(config: Partial<OutboundConfig> = {}, resolve?: Resolve): Outbound {
  const outbound = createOutbound(
    {
      outboundAllow: ['127.0.0.1'],
      caFile: undefined,
      httpProxy: undefined,
      httpsProxy: undefined,
      noProxy: undefined,
      ...config,
    },
    resolve,
  );
  created.push(outbound);
  return outbound;
}

export async function closeOutbounds(): Promise<void> {
  await Promise.all(created.splice(0).map((outbound) => outbound.close()));
}

/** A POST that may take ten seconds, with what the test says otherwise. */
export function post(outbound: Outbound, url: string, request: Partial<OutboundRequest> = {}): Promise<OutboundResult> {
  return outbound.send({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body: '{"n":1}',
    deadlineMs: 10_000,
    signal: new AbortController().signal,
    begin: () => {},
    maxResponseBytes: 1024,
    ...request,
  });
}

/** A name server that knows a few names; each answer is taken once, the last for ever. */
export function namesOf(names: Record<string, string[]>): { resolve: Resolve; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    resolve: async (host) => {
      asked.push(host);
      const answers = names[host];
      const address = answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0];
      if (address === undefined) throw Object.assign(new Error(`no such name: ${host}`), { code: 'ENOTFOUND' });
      return address.split(' ').map((each) => ({ address: each, family: each.includes(':') ? 6 : 4 }));
    },
  };
}
