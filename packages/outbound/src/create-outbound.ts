import { addressPolicy } from './addresses/address-policy.ts';
import { checkedLookup, resolveBySystem, type Resolve } from './addresses/checked-lookup.ts';
import { checkTarget } from './check-target.ts';
import { createDispatcher } from './dispatchers.ts';
import type { OutboundConfig } from './options.ts';
import type { Outbound, OutboundRequest, OutboundResult } from './outbound.ts';
import { nextHop } from './redirects.ts';
import { CutOff, sendOnce } from './send-once.ts';

/** More than GitHub ever needs: who sends us further sends us in circles. */
const MAX_REDIRECTS = 5;

/**
 * @param resolve the addresses of a name; tests answer for a name server
 * @throws if the file of HOOKLINE_CA_FILE cannot be read
 */
export function createOutbound(config: OutboundConfig, resolve: Resolve = resolveBySystem): Outbound {
  const policy = addressPolicy(config.outboundAllow);
  const { dispatcher, proxied } = createDispatcher(config, checkedLookup(policy, resolve));

  async function send(request: OutboundRequest, signal: AbortSignal): Promise<OutboundResult> {
    let url = request.url;
    for (let redirects = 0; ; redirects += 1) {
      const target = await checkTarget(url, { policy, resolve, proxied, signal });
      if (!target.success) return target;
      const result = await sendOnce(dispatcher, target.url, request, signal);
      const next = request.followWithinHost === true ? nextHop(request.method, target.url, result) : null;
      if (next === null || redirects === MAX_REDIRECTS) return result;
      url = next;
    }
  }

  return {
    async send(request) {
      const over = new AbortController();
      const deadline = setTimeout(() => {
        over.abort(new CutOff('DEADLINE', `not done within ${request.deadlineMs} ms`));
      }, request.deadlineMs);
      const onAbort = (): void => over.abort(new CutOff('ABORTED', 'given up'));
      request.signal.addEventListener('abort', onAbort, { once: true });
      if (request.signal.aborted) onAbort();
      try {
        return await send(request, over.signal);
      } finally {
        clearTimeout(deadline);
        request.signal.removeEventListener('abort', onAbort);
      }
    },
    close: () => dispatcher.destroy(),
  };
}
