import type { Outbound } from '@hookline/outbound';
import type { Clock } from '@hookline/runtime';

/** What both kinds of HTTP effects send with. */
export interface HttpSender {
  outbound: Outbound;
  clock: Clock;
}

/** Of an answer only its status counts, and the first words of why not. */
export const MAX_RESPONSE_BYTES = 64 * 1024;

/** The effect's id, by which a receiver knows what it has already: as the draft of the IETF calls it, and as ours. */
export function idempotencyHeaders(effectId: string): Record<string, string> {
  return { 'idempotency-key': effectId, 'x-hookline-effect': effectId };
}

/** The trace that the delivery belongs to, where it is known. */
export function traceHeaders(traceparent: string | null): Record<string, string> {
  return traceparent === null ? {} : { traceparent };
}
