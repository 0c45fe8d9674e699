import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { isSampledTraceparent, validTraceparent } from '@hookline/contracts';
import { context, ROOT_CONTEXT, trace, type Context, type SpanOptions } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
  type Resource,
} from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import type { Metrics } from '../metrics.ts';
import { isBegunRecorded } from './sampling.ts';
import {
  activeSpan,
  attributesOf,
  carriedSpan,
  contextOf,
  flagsText,
  isSampled,
  KINDS,
  linksOf,
  startedSpan,
  unrecordedTraceparent,
} from './spans.ts';
import { tellingExporter } from './telling-exporter.ts';
import type { Span, SpanSettings, Tracing } from './tracing.ts';

export interface TracingSettings {
  service: string;
  version: string;
  metrics: Metrics;
  /** Told when spans could not be sent, once until they can be again, which is `null`. */
  onTrouble(error: unknown): void;
}

export interface ExportSettings extends TracingSettings {
  endpoint: string;
  sampleRatio: number;
  headers: Record<string, string>;
  /** Milliseconds that one request to the receiver may take, its retries included. */
  timeoutMs?: number;
}

/** Spans in memory at most, besides one batch on its way; what comes when they are full is dropped. */
const MAX_SPANS = 4096;
const BATCH = 512;
const EVERY_MS = 1000;
const TIMEOUT_MS = 5000;
/** A slice can be of more deliveries than OpenTelemetry's own bound. */
const MAX_LINKS = 1024;

/** Traces by OpenTelemetry. Its API is told of them, too, so that spans of others in this process are below ours. */
export function createTracing(settings: ExportSettings): Tracing {
  const { endpoint, sampleRatio, headers, timeoutMs = TIMEOUT_MS } = settings;
  const otlp = new OTLPTraceExporter({ url: endpoint, headers, timeoutMillis: timeoutMs });
  const { exporter, counter } = tellingExporter(otlp, settings.metrics, settings.onTrouble);
  const spanProcessors = [
    counter,
    new BatchSpanProcessor({
      exporter,
      maxQueueSize: MAX_SPANS,
      maxExportBatchSize: BATCH,
      scheduledDelayMillis: EVERY_MS,
      exportTimeoutMillis: 2 * timeoutMs,
    }),
  ];
  const resource = resourceOf(settings);
  const providerWith = (sampler: Sampler) =>
    new TracerProvider({ resource, sampler, spanLimits: { linkCountLimit: MAX_LINKS }, spanProcessors });
  // The first of a process: there is one of each, and a test has several services in one.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  const share = new TraceIdRatioBasedSampler(sampleRatio);
  trace.setGlobalTracerProvider(providerWith(new ParentBasedSampler({ root: share })));
  // What is not recorded never comes to it: that is most of what is traced, and must not cost what a span costs.
  const provider = providerWith(new AlwaysOnSampler());
  const tracer = provider.getTracer('hookline', settings.version);

  const record = (name: string, span: SpanSettings, above: Context): Span => {
    const { kind = 'internal', links = [], facts, startedAt } = span;
    const options: SpanOptions = {
      kind: KINDS[kind],
      attributes: attributesOf(facts?.() ?? {}),
      links: linksOf(links),
    };
    if (startedAt !== undefined) options.startTime = startedAt;
    return startedSpan(tracer.startSpan(name, options, above), above);
  };

  return {
    start(name, span = {}) {
      if (span.parent === undefined) {
        const above = context.active();
        const active = trace.getSpanContext(above);
        if (active) return isSampled(active) ? record(name, span, above) : activeSpan(active);
      }
      const parent = validTraceparent(span.parent);
      // What is not recorded is carried on as it came: its trace must not be begun anew by us.
      if (parent !== undefined) {
        return isSampledTraceparent(parent) ? record(name, span, contextOf(parent)) : carriedSpan(parent);
      }
      if (isBegunRecorded(sampleRatio, span.links)) return record(name, span, ROOT_CONTEXT);
      return carriedSpan(unrecordedTraceparent());
    },
    logFields() {
      const active = trace.getSpanContext(context.active());
      if (!active) return {};
      return { trace_id: active.traceId, span_id: active.spanId, trace_flags: flagsText(active.traceFlags) };
    },
    async close(withinMs) {
      const closed = provider.shutdown().catch(() => {});
      await Promise.race([closed, delay(withinMs, undefined, { ref: false })]);
    },
  };
}

/** Who is traced; what the platform says by the variables of OpenTelemetry counts more. */
function resourceOf({ service, version }: ExportSettings): Resource {
  const own = resourceFromAttributes({
    'service.namespace': 'hookline',
    'service.name': service,
    'service.version': version,
    'service.instance.id': `${hostname()}/${process.pid}`,
  });
  return defaultResource()
    .merge(own)
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }));
}
