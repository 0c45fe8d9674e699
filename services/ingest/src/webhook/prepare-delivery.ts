import type { IncomingHttpHeaders } from 'node:http';
import {
  type Delivery,
  type KeyRule,
  orderingKey,
  partitionOf,
  RECORD_HEADERS,
  validTraceparent,
} from '@hookline/contracts';
import type { Arrival } from '@hookline/database';
import { eventProblem, keptHeaders, payloadDigest, payloadFacts, readPayload } from '@hookline/github';
import type { AnswerCode } from '../answers.ts';
import type { FollowedRecord } from '../generations/follow-seal.ts';
import type { Source } from '../sources/source.ts';
import type { Head } from './read-head.ts';

/** A verified request whose body has arrived whole. */
export interface VerifiedRequest {
  source: Source;
  head: Head;
  headers: IncomingHttpHeaders;
  body: Buffer;
  secretLabel: string;
  /** When all of it had come; milliseconds since the Unix epoch. */
  receivedAt: number;
}

export interface PrepareSettings {
  /** The id of the envelope's schema, or undefined while the registry has not told it. */
  schemaId: () => number | undefined;
  encode: (schemaId: number, delivery: Delivery) => Buffer;
  /** Recorded number of partitions of the topic generation. */
  partitions: number;
  /** Of that generation, and of the one after it. */
  keyRule: KeyRule;
  nextKeyRule: KeyRule;
}

/** A delivery that is ready for the log. It holds its bytes once, in the record: not the body, and nothing parsed of it. */
export interface PreparedDelivery {
  arrival: Arrival;
  /** Whether it may be looked up: what does not fit its event is claimed by nobody. */
  fitsItsEvent: boolean;
  secretLabel: string;
  bodyBytes: number;
  record: FollowedRecord;
}

/** Why a delivery does not go into the log. */
export type Unprepared =
  | { code: 'IGNORED'; secretLabel: string }
  | { code: Exclude<AnswerCode, 'ACCEPTED' | 'RESET' | 'IGNORED'>; detail?: string };

export type PrepareResult = { success: true; delivery: PreparedDelivery } | { success: false; outcome: Unprepared };

/** Parses the body, and makes of it the record for the log. */
export function prepareDelivery(request: VerifiedRequest, settings: PrepareSettings): PrepareResult {
  const { source, head, body, secretLabel } = request;
  const read = readPayload(body, head.encoding);
  if (!read.success) return unprepared({ code: read.reason });
  if (source.events !== null && !source.events.has(head.delivery.event)) {
    return unprepared({ code: 'IGNORED', secretLabel });
  }
  const schemaId = settings.schemaId();
  if (schemaId === undefined) {
    return unprepared({ code: 'LOG_UNAVAILABLE', detail: 'the schema registry has not answered yet' });
  }

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
    secretLabel,
    eventProblem: eventProblem(head.delivery.event, read.payload),
    body,
  };
  const { guid, digest, dedupScope, event } = delivery;
  return {
    success: true,
    delivery: {
      arrival: { guid, digest, dedupScope, event },
      fitsItsEvent: delivery.eventProblem === null,
      secretLabel,
      bodyBytes: body.length,
      record: {
        key,
        nextKey: orderingKey(facts, source, settings.nextKeyRule).key,
        partition: partitionOf(key, settings.partitions),
        value: settings.encode(schemaId, delivery),
        headers: recordHeaders(delivery, validTraceparent(request.headers['traceparent'])),
      },
    },
  };
}

function unprepared(outcome: Unprepared): PrepareResult {
  return { success: false, outcome };
}

function recordHeaders(delivery: Delivery, traceparent: string | undefined): FollowedRecord['headers'] {
  const record: FollowedRecord['headers'] = {
    [RECORD_HEADERS.guid]: delivery.guid,
    [RECORD_HEADERS.event]: delivery.event,
    [RECORD_HEADERS.source]: delivery.source,
  };
  if (traceparent !== undefined) record[RECORD_HEADERS.traceparent] = traceparent;
  return record;
}
