import type { IncomingHttpHeaders } from 'node:http';
import { validTraceparent } from '@hookline/contracts';
import { NO_SPAN, NO_TRACING, type Span, type SpanFacts, type Tracing } from '@hookline/runtime';
import { ANSWERS, type AnswerCode } from '../answers.ts';
import type { Source } from '../sources/source.ts';
import type { PreparedDelivery } from './prepare-delivery.ts';
import type { Head } from './read-head.ts';

/** What is told of a request. */
interface TracedRequest {
  source: Pick<Source, 'name' | 'path'>;
  head: Head;
  headers: IncomingHttpHeaders;
  startedAt: number;
}

/**
 * Of a request that is verified, from its head on; goes on from the sender's trace, which is that of a proxy in front:
 * GitHub sends none.
 */
export function requestSpan(tracing: Tracing, { source, head, headers, startedAt }: TracedRequest): Span {
  if (tracing === NO_TRACING) return NO_SPAN;
  return tracing.start(`POST ${source.path}`, {
    kind: 'server',
    parent: validTraceparent(headers['traceparent']) ?? null,
    startedAt,
    facts: () => ({
      'http.request.method': 'POST',
      'http.route': source.path,
      'url.path': source.path,
      'url.scheme': 'http',
      'hookline.source': source.name,
      'hookline.guid': head.delivery.guid,
      'hookline.event': head.delivery.event,
    }),
  });
}

export function answeredFacts(code: AnswerCode): SpanFacts {
  return { 'http.response.status_code': ANSWERS[code].status, 'hookline.answer': code };
}

/** Of an append to the log; what it says is the creation context of the record. */
export function appendSpan(
  { tracing, topic }: { tracing: Tracing; topic: string },
  { arrival, bodyBytes, record }: PreparedDelivery,
): Span {
  if (tracing === NO_TRACING) return NO_SPAN;
  return tracing.start(`send ${topic}`, {
    kind: 'producer',
    facts: () => ({
      'messaging.system': 'kafka',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': topic,
      'messaging.destination.partition.id': String(record.partition),
      'messaging.kafka.message.key': record.key,
      'messaging.message.body.size': bodyBytes,
      'hookline.guid': arrival.guid,
    }),
  });
}

/** The record can have gone to the next topic generation, and there to another partition. */
export function appendedFacts({ partition, offset }: { partition: number; offset: string }): SpanFacts {
  return { 'messaging.destination.partition.id': String(partition), 'messaging.kafka.offset': Number(offset) };
}
