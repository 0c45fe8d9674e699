import type { TracingSettings } from './create-tracing.ts';
import type { TracesConfig } from './traces-options.ts';
import { NO_TRACING, type Tracing } from './tracing.ts';

/** Traces as configured. Without an endpoint we load no module of OpenTelemetry, and nothing costs anything. */
export async function openTracing(config: TracesConfig, settings: TracingSettings): Promise<Tracing> {
  const { tracesEndpoint: endpoint, tracesSampleRatio: sampleRatio, tracesHeaders: headers } = config;
  if (endpoint === undefined) return NO_TRACING;
  const { createTracing } = await import('./create-tracing.ts');
  return createTracing({ ...settings, endpoint, sampleRatio, headers: readHeaders(headers ?? '') });
}

/** `name=value,name=value`, values percent-encoded where they have a comma: as OTEL_EXPORTER_OTLP_HEADERS has them. */
function readHeaders(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at > 0 ? [[pair.slice(0, at).trim(), decode(pair.slice(at + 1).trim())] as const] : [];
  });
  return Object.fromEntries(pairs);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
