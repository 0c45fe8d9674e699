import { randomBytes } from 'node:crypto';
import { MAX_BODY_BYTES } from '@hookline/contracts';
import type { Example } from './examples.ts';
import { forgeriesOf } from './forged.ts';
import { malformedRequests, oversizedRequests } from './malformed.ts';
import { DUPLICATE, type WebhookRequest } from './request.ts';
import { signDelivery, type SignedDelivery, type Target } from './sign-delivery.ts';

export interface PlanOptions {
  examples: readonly Example[];
  target: Target;
  newGuid: () => string;
  /** Add one delivery of the largest size. */
  large: boolean;
}

/** Every so many examples, one is … */
const FORM_EVERY = 5;
const REDELIVERED_EVERY = 4;
const FORGED_EVERY = 30;

/**
 * What is sent: lanes, side by side, each in its order and the next request only after the answer to the last. All
 * deliveries of one key share a lane, so that their order of arrival is known; what must be refused is sent beside
 * them, and must not disturb.
 */
export function planTraffic({ examples, target, newGuid, large }: PlanOptions): WebhookRequest[][] {
  const deliveries = examples.map((example, i) =>
    signDelivery(example, i % FORM_EVERY === FORM_EVERY - 1 ? 'form' : 'json', newGuid(), target),
  );
  const lanes = [...Map.groupBy(deliveries, ({ delivery }) => delivery.key).values()].map(withRedeliveries);
  if (large) lanes.push([largestDelivery(target, newGuid())]);
  const forged = deliveries.filter((_, i) => i % FORGED_EVERY === 0).flatMap(forgeriesOf);
  const oversized = oversizedRequests(target, newGuid).map((request) => [request]);
  return [...lanes, forged, malformedRequests(target, newGuid), ...oversized];
}

/** Some are sent again at once, and some when all of the lane have been sent: byte for byte, under the same GUID. */
function withRedeliveries(lane: SignedDelivery[]): WebhookRequest[] {
  const again = (request: SignedDelivery): WebhookRequest => ({
    ...request,
    kind: 'redelivery',
    orElse: DUPLICATE,
    name: `redelivered ${request.name}`,
  });
  const redelivered = lane.filter((_, i) => i % REDELIVERED_EVERY === 0);
  const atOnce = new Set(redelivered.filter((_, i) => i % 2 === 0));
  const late = redelivered.filter((request) => !atOnce.has(request));
  return [
    ...lane.flatMap((request) => (atOnce.has(request) ? [request, again(request)] : [request])),
    ...late.map(again),
  ];
}

function largestDelivery(target: Target, guid: string): SignedDelivery {
  // What a push must have, or its event would not fit it.
  const push = { ref: 'refs/heads/main', before: '0'.repeat(40), after: '1'.repeat(40), commits: [], pusher: {} };
  const head = `${JSON.stringify({ ...push, repository: { id: 1, full_name: 'octocat/large' } }).slice(0, -1)},"padding":"`;
  const tail = '"}';
  const length = MAX_BODY_BYTES - head.length - tail.length;
  // Random, because a body that compresses to nothing would test nothing.
  const padding = randomBytes(Math.ceil((length * 3) / 4))
    .toString('base64')
    .slice(0, length);
  return signDelivery({ event: 'push', json: head + padding + tail }, 'json', guid, target);
}
