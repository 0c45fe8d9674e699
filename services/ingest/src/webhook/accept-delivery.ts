import { RECORD_HEADERS } from '@hookline/contracts';
import { withSpan, type Tracing } from '@hookline/runtime';
import type { AnswerCode } from '../answers.ts';
import type { FollowedLog } from '../generations/follow-seal.ts';
import type { LookUp } from '../look-up/create-look-up.ts';
import type { PreparedDelivery, Unprepared } from './prepare-delivery.ts';
import { appendedFacts, appendSpan } from './spans.ts';

export type Outcome =
  | { code: 'ACCEPTED' | 'RESET'; secretLabel: string; key: string; partition: number; offset: string }
  | Unprepared;

export interface AcceptSettings {
  tracing: Tracing;
  /** The configured one, by which spans are named. */
  topic: string;
  log: Pick<FollowedLog, 'append'>;
  /** What is known of deliveries already; undefined where nobody is asked. */
  lookUp: LookUp | undefined;
  /** The answer to what was processed before. */
  duplicate: 'DUPLICATE' | 'ALREADY_PROCESSED';
}

/**
 * Appends a verified delivery to the log. ACCEPTED and RESET are returned only when the log has confirmed the record. What
 * is known to be settled is not appended, and by that alone; the processor would call it a duplicate.
 */
export async function acceptDelivery(delivery: PreparedDelivery, settings: AcceptSettings): Promise<Outcome> {
  const { arrival, record, secretLabel } = delivery;
  const known = delivery.fitsItsEvent ? await settings.lookUp?.stateOf(arrival) : undefined;
  if (known === 'settled') return { code: settings.duplicate };
  const appended = await withSpan(appendSpan(settings, delivery), async (span) => {
    if (span.traceparent !== undefined) record.headers[RECORD_HEADERS.traceparent] = span.traceparent;
    const appended = await settings.log.append(record);
    if (appended.success) span.set(appendedFacts(appended));
    else span.fail(appended.reason);
    return appended;
  });
  if (!appended.success) return { code: UNAPPENDED[appended.reason], detail: appended.detail };
  const code = known === 'open' ? 'RESET' : 'ACCEPTED';
  const { partition, offset } = appended;
  return { code, secretLabel, key: appended.key ?? record.key, partition, offset };
}

const UNAPPENDED = {
  UNAVAILABLE: 'LOG_UNAVAILABLE',
  OVERLOADED: 'OVERLOADED',
  TOO_LARGE: 'BODY_TOO_LARGE',
  SEALED: 'LOG_UNAVAILABLE',
  STOPPING: 'STOPPING',
} as const satisfies Record<string, AnswerCode>;
