import { validTraceparent } from '@hookline/contracts';
import {
  context,
  ROOT_CONTEXT,
  SpanKind as Kind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Link,
  type Span as OtelSpan,
  type SpanContext,
} from '@opentelemetry/api';
import { RandomIdGenerator } from '@opentelemetry/sdk-trace';
import { serializeError } from '../logging/serialize-error.ts';
import { NO_SPAN, type Span, type SpanFacts, type SpanKind } from './tracing.ts';

export const KINDS: Readonly<Record<SpanKind, Kind>> = {
  internal: Kind.INTERNAL,
  server: Kind.SERVER,
  client: Kind.CLIENT,
  producer: Kind.PRODUCER,
  consumer: Kind.CONSUMER,
};

/** What a valid `traceparent` says. */
function readContext(traceparent: string): SpanContext {
  const [traceId, spanId, flags] = [traceparent.slice(3, 35), traceparent.slice(36, 52), traceparent.slice(53)];
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

function writeContext({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${flagsText(traceFlags)}`;
}

/** Where a span goes on from that has a valid `traceparent` above it. */
export function contextOf(traceparent: string): Context {
  return trace.setSpanContext(ROOT_CONTEXT, readContext(traceparent));
}

export function linksOf(traceparents: readonly string[]): Link[] {
  return traceparents.flatMap((traceparent) =>
    validTraceparent(traceparent) === undefined ? [] : [{ context: readContext(traceparent) }],
  );
}

export function flagsText(flags: number): string {
  return flags.toString(16).padStart(2, '0');
}

export function isSampled({ traceFlags }: SpanContext): boolean {
  return (traceFlags & TraceFlags.SAMPLED) !== 0;
}

const ids = new RandomIdGenerator();

/** Of a trace that begins and is not recorded. */
export function unrecordedTraceparent(): string {
  return writeContext({ traceId: ids.generateTraceId(), spanId: ids.generateSpanId(), traceFlags: TraceFlags.NONE });
}

/** None is made for it: it stands for the one of others, which is the active one meanwhile. Theirs is the trace of what is logged. */
export function carriedSpan(traceparent: string): Span {
  return { ...NO_SPAN, traceparent, run: (work) => context.with(contextOf(traceparent), work) };
}

/** As `carriedSpan`, of the one that is active as it is. */
export function activeSpan(active: SpanContext): Span {
  return { ...NO_SPAN, traceparent: writeContext(active) };
}

export function startedSpan(span: OtelSpan, above: Context): Span {
  const within = trace.setSpan(above, span);
  return {
    traceparent: writeContext(span.spanContext()),
    isRecorded: span.isRecording(),
    run: (work) => context.with(within, work),
    set: (facts) => void span.setAttributes(attributesOf(facts)),
    fail(error) {
      const { type, message } = serializeError(error);
      span.setAttribute('error.type', error instanceof Error ? type : 'error');
      span.setStatus({ code: SpanStatusCode.ERROR, message });
    },
    end: () => span.end(),
  };
}

export function attributesOf(facts: SpanFacts): Attributes {
  return { ...facts };
}
