import type { IncomingHttpHeaders } from 'node:http';
import {
  type Delivery,
  type KeyRule,
  orderingKey,
  partitionOf,
  RECORD_HEADERS,
  validTraceparent,
} from '@hookline/contracts';
import { eventProblem, keptHeaders, payloadDigest, payloadFacts, readPayload, verifySignature } from '@hookline/github';
import type { LogRecord } from '@hookline/kafka';
import type { AnswerCode } from '../answers.ts';
import type { FollowedLog } from '../generations/follow-seal.ts';
import type { LookUp } from '../look-up/create-look-up.ts';
import type { Source } from '../sources/source.ts';
import type { Head } from './read-head.ts';

/** A request whose body has arrived whole. */
export interface ReceivedRequest {
  source: Source;
  head: Head;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Milliseconds since the Unix epoch. */
  receivedAt: number;
}

export type Outcome =
  | { code: 'ACCEPTED' | 'RESET'; secretLabel: string; key: string; partition: number; offset: string }
  | { code: 'IGNORED'; secretLabel: string }
  | { code: Exclude<AnswerCode, 'ACCEPTED' | 'RESET' | 'IGNORED'>; detail?: string };

export interface AcceptSettings {
  log: Pick<FollowedLog, 'append'>;
  /** The id of the envelope's schema, or undefined while the registry has not told it. */
  schemaId: () => number | undefined;
  encode: (schemaId: number, delivery: Delivery) => Buffer;
  /** Recorded number of partitions of the topic generation. */
  partitions: number;
  /** Of that generation, and of the one after it. */
  keyRule: KeyRule;
  nextKeyRule: KeyRule;
  /** What is known of deliveries already; undefined where nobody is asked. */
  lookUp: LookUp | undefined;
  /** The answer to what was processed before. */
  duplicate: 'DUPLICATE' | 'ALREADY_PROCESSED';
}

/**
 * Verifies a delivery and appends it to the log. The first thing that happens to the body is the HMAC: whoever does
 * not know a secret reaches no parser. ACCEPTED and RESET are returned only when the log has confirmed the record. What
 * is known to be settled is not appended, and by that alone; the processor would call it a duplicate.
 */
export async function acceptDelivery(request: ReceivedRequest, settings: AcceptSettings): Promise<Outcome> {
  const { source, head, body } = request;
  const verified = verifySignature({ body, signatureHeader: head.signature, secrets: source.secrets });
  if (!verified.success) return { code: verified.reason };
  const read = readPayload(body, head.encoding);
  if (!read.success) return { code: read.reason };
  if (source.events !== null && !source.events.has(head.delivery.event)) {
    return { code: 'IGNORED', secretLabel: verified.label };
  }
  const schemaId = settings.schemaId();
  if (schemaId === undefined) return { code: 'LOG_UNAVAILABLE', detail: 'the schema registry has not answered yet' };

  const facts = payloadFacts(read.payload, read.text);
  const { key } = orderingKey(facts, source, settings.keyRule);
  const delivery: Delivery = {
    source: source.name,
    dedupScope: source.dedupScope,
    ...head.delivery,
    digest: payloadDigest(read.json),
    action: facts.action,
    repositoryId: facts.repositoryId,
    receivedAt: request.receivedAt,
    headers: keptHeaders(request.headers),
    secretLabel: verified.label,
    eventProblem: eventProblem(head.delivery.event, read.payload),
    body,
  };
  // What does not fit its event is claimed by nobody.
  const known = delivery.eventProblem === null ? await settings.lookUp?.stateOf(delivery) : undefined;
  if (known === 'settled') return { code: settings.duplicate };
  const appended = await settings.log.append({
    key,
    nextKey: orderingKey(facts, source, settings.nextKeyRule).key,
    partition: partitionOf(key, settings.partitions),
    value: settings.encode(schemaId, delivery),
    headers: recordHeaders(delivery, request.headers),
  });
  if (!appended.success) return { code: UNAPPENDED[appended.reason], detail: appended.detail };
  const { partition, offset } = appended;
  const code = known === 'open' ? 'RESET' : 'ACCEPTED';
  return { code, secretLabel: verified.label, key: appended.key ?? key, partition, offset };
}

const UNAPPENDED = {
  UNAVAILABLE: 'LOG_UNAVAILABLE',
  OVERLOADED: 'OVERLOADED',
  TOO_LARGE: 'BODY_TOO_LARGE',
  SEALED: 'LOG_UNAVAILABLE',
  STOPPING: 'STOPPING',
} as const;

function recordHeaders(delivery: Delivery, headers: IncomingHttpHeaders): LogRecord['headers'] {
  const record: LogRecord['headers'] = {
    [RECORD_HEADERS.guid]: delivery.guid,
    [RECORD_HEADERS.event]: delivery.event,
    [RECORD_HEADERS.source]: delivery.source,
  };
  const traceparent = validTraceparent(headers['traceparent']);
  if (traceparent !== undefined) record[RECORD_HEADERS.traceparent] = traceparent;
  return record;
}
