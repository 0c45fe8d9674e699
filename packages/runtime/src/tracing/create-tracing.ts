import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { context, trace, type SpanOptions } from '@opentelemetry/api';
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
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Metrics } from '../metrics.ts';
import { createSampler, isSampled } from './sampler.ts';
import { attributesOf, carriedSpan, contextOf, flagsText, KINDS, linksOf, startedSpan } from './spans.ts';
import { tellingExporter } from './telling-exporter.ts';
import type { SpanSettings, Tracing } from './tracing.ts';

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
  const provider = new TracerProvider({
    resource: resourceOf(settings),
    sampler: createSampler(sampleRatio),
    spanLimits: { linkCountLimit: MAX_LINKS },
    spanProcessors: [
      counter,
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: MAX_SPANS,
        maxExportBatchSize: BATCH,
        scheduledDelayMillis: EVERY_MS,
        exportTimeoutMillis: 2 * timeoutMs,
      }),
    ],
  });
  // The first of a process: there is one of each, and a test has several services in one.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  trace.setGlobalTracerProvider(provider);
  const tracer = provider.getTracer('hookline', settings.version);

  return {
    start(name, { kind = 'internal', parent, links = [], facts = {}, startedAt }: SpanSettings = {}) {
      const above = parent === undefined ? context.active() : contextOf(parent);
      const remote = typeof parent === 'string' ? trace.getSpanContext(above) : undefined;
      // What is not recorded is carried on as it came: its trace must not be begun anew by us.
      if (typeof parent === 'string' && remote && !isSampled(remote.traceFlags)) return carriedSpan(parent, above);
      const options: SpanOptions = { kind: KINDS[kind], attributes: attributesOf(facts), links: linksOf(links) };
      if (startedAt !== undefined) options.startTime = startedAt;
      return startedSpan(tracer.startSpan(name, options, above), above);
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
