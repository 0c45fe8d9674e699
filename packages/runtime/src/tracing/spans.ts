import { validTraceparent } from '@hookline/contracts';
import {
  context,
  ROOT_CONTEXT,
  SpanKind as Kind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Link,
  type Span as OtelSpan,
  type SpanContext,
} from '@opentelemetry/api';
import { serializeError } from '../logging/serialize-error.ts';
import type { Span, SpanFacts, SpanKind } from './tracing.ts';

export const KINDS: Readonly<Record<SpanKind, Kind>> = {
  internal: Kind.INTERNAL,
  server: Kind.SERVER,
  client: Kind.CLIENT,
  producer: Kind.PRODUCER,
  consumer: Kind.CONSUMER,
};

/** What a `traceparent` says; undefined where it is none. */
function readContext(traceparent: string): SpanContext | undefined {
  if (validTraceparent(traceparent) === undefined) return undefined;
  const [traceId, spanId, flags] = [traceparent.slice(3, 35), traceparent.slice(36, 52), traceparent.slice(53)];
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

/** Where a span goes on from; null, and what is no `traceparent`: from nothing. */
export function contextOf(traceparent: string | null): Context {
  const remote = traceparent === null ? undefined : readContext(traceparent);
  return remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
}

export function linksOf(traceparents: readonly string[]): Link[] {
  return traceparents.flatMap((traceparent) => {
    const linked = readContext(traceparent);
    return linked ? [{ context: linked }] : [];
  });
}

export function flagsText(flags: number): string {
  return flags.toString(16).padStart(2, '0');
}

/** The span of others that it stands for is the active one meanwhile: theirs is the trace of what is logged. */
export function carriedSpan(traceparent: string, within: Context): Span {
  return {
    traceparent,
    isRecorded: false,
    run: (work) => context.with(within, work),
    set() {},
    fail() {},
    end() {},
  };
}

export function startedSpan(span: OtelSpan, above: Context): Span {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const within = trace.setSpan(above, span);
  return {
    traceparent: `00-${traceId}-${spanId}-${flagsText(traceFlags)}`,
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
