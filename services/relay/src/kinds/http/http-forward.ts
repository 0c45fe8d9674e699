import { createHmac } from 'node:crypto';
import { sign } from '@hookline/github';
import { isRecord, type EffectKind, type SendableEffect } from '@hookline/runtime';
import { idempotencyHeaders, MAX_RESPONSE_BYTES, traceHeaders, type HttpSender } from './http-kind.ts';
import { outcomeOf } from './outcome-of.ts';
import type { RouteTargets } from './route-targets.ts';

/** A delivery to the target of a route: as GitHub has sent it, byte for byte, signed with the route's secret. */
export function httpForward({ outbound, clock }: HttpSender, targets: () => RouteTargets): EffectKind {
  const routeOf = (effect: SendableEffect) => targets().get(nameOf(effect));
  return {
    name: 'http.forward',
    target: (effect) => `route:${nameOf(effect)}`,
    // The receiver knows it by its idempotency key, and by GitHub's id of the delivery.
    onAmbiguous: () => 'resend',
    maxAttempts: (effect) => routeOf(effect)?.maxAttempts ?? undefined,
    async send(effect, attempt) {
      const route = routeOf(effect);
      // A processor can have a route before its relay has it: so this is tried again.
      if (route === undefined) {
        return {
          outcome: 'failed',
          error: `HOOKLINE_ROUTES_FILE has no route named ${JSON.stringify(nameOf(effect))}`,
        };
      }
      const { body, headers } = effect;
      if (body === null || headers === null)
        return { outcome: 'refused', error: 'the delivery was not written with it' };
      const result = await outbound.send({
        method: 'POST',
        url: route.url,
        headers: {
          accept: '*/*',
          ...githubHeaders(headers),
          ...traceHeaders(effect.traceparent),
          ...idempotencyHeaders(effect.effectId),
          ...(route.secret !== null && signatures(body, route.secret)),
        },
        body,
        deadlineMs: Math.min(route.timeoutMs ?? attempt.deadlineMs, attempt.deadlineMs),
        signal: attempt.signal,
        begin: () => attempt.begin(),
        maxResponseBytes: MAX_RESPONSE_BYTES,
      });
      return outcomeOf(result, { onRefusal: route.on4xx, onAddress: 'retry' }, clock.now());
    },
  };
}

function nameOf({ request }: SendableEffect): string {
  return isRecord(request) && typeof request['route'] === 'string' ? request['route'] : '';
}

/** What GitHub says of the delivery, with its user agent, by which receivers tell it from others. */
function githubHeaders(headers: Record<string, string>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => /^(x-github-.*|user-agent|content-type)$/.test(name));
  return Object.fromEntries(kept);
}

/** Both that GitHub sends: old receivers know the second only. */
function signatures(body: Buffer, secret: string): Record<string, string> {
  return {
    'x-hub-signature-256': sign(body, secret),
    'x-hub-signature': `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`,
  };
}
