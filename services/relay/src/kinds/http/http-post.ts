import { VERSION, type HttpPost } from '@hookline/contracts';
import { isRecord, type EffectKind, type SendableEffect } from '@hookline/runtime';
import { idempotencyHeaders, MAX_RESPONSE_BYTES, traceHeaders, type HttpSender } from './http-kind.ts';
import { outcomeOf } from './outcome-of.ts';
import type { SigningKeys } from './signing-secrets.ts';
import { signedHeaders } from './standard-webhooks.ts';

const OWN = /^(idempotency-key|x-hookline-.*|webhook-(id|timestamp|signature))$/;
/** Of the connection, not of the request. */
const CONNECTION = /^(host|content-length|transfer-encoding|connection|keep-alive|upgrade|expect|te|trailer|proxy-.*)$/;

/** A POST of JSON to wherever a handler says, as far as that is allowed. */
export function httpPost({ outbound, clock }: HttpSender, keys: () => SigningKeys): EffectKind {
  return {
    name: 'http.post',
    target: ({ request }) => {
      const url = isRecord(request) && typeof request['url'] === 'string' ? URL.parse(request['url']) : null;
      return `host:${url?.host ?? ''}`;
    },
    // The receiver knows it by its idempotency key.
    onAmbiguous: () => 'resend',
    async send(effect, attempt) {
      const read = readPost(effect);
      if (!read.success) return { outcome: 'refused', error: read.problem };
      const { url, body, headers, signWith } = read.post;
      const key = signWith === null ? null : keys().get(signWith);
      if (key === undefined) {
        return {
          outcome: 'failed',
          error: `HOOKLINE_SIGNING_SECRETS_FILE has no secret named ${JSON.stringify(signWith)}`,
        };
      }
      const result = await outbound.send({
        method: 'POST',
        url,
        headers: {
          'content-type': 'application/json',
          'user-agent': `Hookline/${VERSION}`,
          ...headers,
          ...traceHeaders(effect.traceparent),
          ...idempotencyHeaders(effect.effectId),
          ...(key !== null && signedHeaders(effect.effectId, clock.now(), body, key)),
        },
        body,
        deadlineMs: attempt.deadlineMs,
        signal: attempt.signal,
        begin: () => attempt.begin(),
        maxResponseBytes: MAX_RESPONSE_BYTES,
      });
      return outcomeOf(result, { onRefusal: 'dead-letter', onAddress: 'dead-letter' }, clock.now());
    },
  };
}

/** The request as it may be sent, header names in lower case, or what is wrong with it. */
function readPost({
  request,
}: SendableEffect): { success: true; post: HttpPost } | { success: false; problem: string } {
  const refuse = (problem: string) => ({ success: false as const, problem });
  if (!isRecord(request)) return refuse('its request is no object');
  const { url, body, headers, signWith } = request;
  if (typeof url !== 'string' || typeof body !== 'string') return refuse('its request has no url and body');
  if (signWith !== null && typeof signWith !== 'string') return refuse('its signWith is no name of a secret');
  if (!isRecord(headers)) return refuse('its request has no headers');
  const sent: Record<string, string> = {};
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase();
    if (typeof value !== 'string') return refuse(`its header ${name} is no text`);
    if (OWN.test(name)) return refuse(`its header ${name} is set by Hookline`);
    if (CONNECTION.test(name)) return refuse(`its header ${name} is not its own to set`);
    sent[name] = value;
  }
  return { success: true, post: { url, body, headers: sent, signWith } };
}
