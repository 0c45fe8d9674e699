import { createHash, createHmac } from 'node:crypto';
import { DEFAULT_KEY_RULE, orderingKey } from '@hookline/contracts';
import { payloadFacts, sign, type Payload, type PayloadEncoding } from '@hookline/github';
import type { Example } from './examples.ts';
import type { DeliveryIdentity, WebhookRequest } from './request.ts';

/** What deliveries are for, and the secret of it. */
export interface Target {
  path: string;
  namespace: string;
  dedupScope: string;
  secret: string;
}

/** A request as GitHub makes it: body, headers and signatures, accepted and processed if everything works. */
export function signDelivery(example: Example, encoding: PayloadEncoding, guid: string, target: Target) {
  const body = Buffer.from(
    encoding === 'json' ? example.json : new URLSearchParams({ payload: example.json }).toString(),
  );
  return {
    kind: 'delivery',
    name: `${example.event}, ${encoding}`,
    method: 'POST',
    path: target.path,
    headers: { ...githubHeaders(example.event, encoding, guid), ...signatures(body, target.secret) },
    body,
    expected: { status: 202, code: 'accepted' },
    guid,
    delivery: identify(example, guid, target),
  } satisfies WebhookRequest;
}

export type SignedDelivery = ReturnType<typeof signDelivery>;

/** The headers that GitHub sends beside the signatures. */
export function githubHeaders(event: string, encoding: PayloadEncoding, guid: string): Record<string, string> {
  return {
    Accept: '*/*',
    'Content-Type': encoding === 'json' ? 'application/json' : 'application/x-www-form-urlencoded',
    'User-Agent': 'GitHub-Hookshot/d3m0000',
    'X-GitHub-Delivery': guid,
    'X-GitHub-Event': event,
    'X-GitHub-Hook-ID': '292430182',
    'X-GitHub-Hook-Installation-Target-ID': '186853002',
    'X-GitHub-Hook-Installation-Target-Type': 'repository',
  };
}

/** Both signatures that GitHub sends; only the second counts. */
export function signatures(body: Buffer, secret: string): Record<string, string> {
  return {
    'X-Hub-Signature': `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`,
    'X-Hub-Signature-256': sign(body, secret),
  };
}

function identify({ json }: Example, guid: string, target: Target): DeliveryIdentity {
  const facts = payloadFacts(JSON.parse(json) as Payload, json);
  const { namespace, dedupScope } = target;
  const { kind, key } = orderingKey(facts, { namespace, dedupScope }, DEFAULT_KEY_RULE);
  const digest = createHash('sha256').update(json).digest('hex');
  return { guid, digest, key, ofRepository: kind === 'repository' };
}
