import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A span as it was received. */
export interface ReceivedSpan {
  /** `service.name` of who has sent it. */
  service: string;
  name: string;
  /** Of OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  traceId: string;
  spanId: string;
  /** `''` of one that begins a trace. */
  parentSpanId: string;
  links: { traceId: string; spanId: string }[];
  facts: Record<string, unknown>;
  hasFailed: boolean;
}

export interface TraceReceiver {
  /** For HOOKLINE_TRACES_ENDPOINT. */
  url: string;
  spans: ReceivedSpan[];
  close(): Promise<void>;
}

interface Attributes {
  attributes?: { key: string; value: Record<string, unknown> }[];
}

interface SentSpan extends Attributes, Pick<ReceivedSpan, 'name' | 'kind' | 'traceId' | 'spanId'> {
  parentSpanId?: string;
  links?: ReceivedSpan['links'];
  status?: { code?: number };
}

interface ExportRequest {
  resourceSpans: { resource: Attributes; scopeSpans: { spans: SentSpan[] }[] }[];
}

/** Takes spans by OTLP over HTTP in JSON, as a collector does. */
export async function startTraceReceiver(): Promise<TraceReceiver> {
  const spans: ReceivedSpan[] = [];
  const server = createServer((request, response) => {
    json(request).then(
      (body) => {
        spans.push(...spansOf(body as ExportRequest));
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      },
      () => response.writeHead(400).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function spansOf({ resourceSpans }: ExportRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(factsOf(resource)['service.name']);
    return scopeSpans
      .flatMap((scope) => scope.spans)
      .map(({ name, kind, traceId, spanId, parentSpanId = '', links = [], status, ...rest }) => ({
        service,
        name,
        kind,
        traceId,
        spanId,
        parentSpanId,
        links,
        facts: factsOf(rest),
        hasFailed: status?.code === 2,
      }));
  });
}

function factsOf({ attributes = [] }: Attributes): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
