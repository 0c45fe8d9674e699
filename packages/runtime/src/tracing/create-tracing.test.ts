import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { createLogger } from '../logging/logger.ts';
import { createMetrics, type Metrics } from '../metrics.ts';
import { createTracing, type ExportSettings } from './create-tracing.ts';
import { withSpan, type Tracing } from './tracing.ts';

interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: { key: string; value: Record<string, unknown> }[];
  links: { spanId: string }[];
  status: { code: number; message?: string };
}

const SAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const UNSAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';

let server: Server;
let answer: 'takes' | 'refuses' | 'hangs';
let spans: SentSpan[];
let requests: { headers: Record<string, unknown>; resource: Record<string, unknown> }[];
let metrics: Metrics;
let troubles: unknown[];

beforeEach(async () => {
  answer = 'takes';
  spans = [];
  requests = [];
  troubles = [];
  metrics = createMetrics({ service: 'test' });
  server = createServer((request, response) => {
    void json(request).then((body) => {
      const { resourceSpans } = body as {
        resourceSpans: { resource: { attributes: SentSpan['attributes'] }; scopeSpans: { spans: SentSpan[] }[] }[];
      };
      for (const { resource, scopeSpans } of resourceSpans) {
        requests.push({ headers: request.headers, resource: factsOf(resource) });
        if (answer === 'takes') spans.push(...scopeSpans.flatMap((scope) => scope.spans));
      }
      if (answer !== 'hangs') response.writeHead(answer === 'takes' ? 200 : 400).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
});

const factsOf = ({ attributes }: Pick<SentSpan, 'attributes'>): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

function tracingTo(settings: Partial<ExportSettings> = {}): Tracing {
  return createTracing({
    service: 'hookline-test',
    version: '1.2.3',
    metrics,
    onTrouble: (error) => troubles.push(error),
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    sampleRatio: 1,
    headers: {},
    ...settings,
  });
}

async function counted(): Promise<Record<string, number>> {
  const metric = await metrics.registry.getSingleMetric('hookline_trace_spans_total')?.get();
  const values = metric?.values.map(({ labels, value }) => [String(labels['outcome']), value] as const) ?? [];
  return Object.fromEntries(values);
}

describe('spans that are sent', () => {
  it('end with whatever was thrown, which goes on as it is', async () => {
    const tracing = tracingTo();
    const odd: unknown = Object.create(null);
    const thrown = await withSpan(tracing.start('odd', { parent: null }), () => Promise.reject(odd as Error)).catch(
      (error: unknown) => error,
    );
    await tracing.close(5000);
    expect(thrown).toBe(odd);
    expect(spans[0]?.status).toEqual({ code: 2, message: 'Something was thrown that cannot be read.' });
    expect(factsOf(spans[0] as SentSpan)).toEqual({ 'error.type': 'error' });
  });

  it('have their parents, kinds, facts, links and ends, and say who has sent them', async () => {
    const tracing = tracingTo({ headers: { 'x-key': 'mine' } });
    const asked = tracing.start('asked', {
      kind: 'server',
      parent: SAMPLED,
      facts: () => ({ 'http.route': '/a', none: undefined }),
    });
    await withSpan(asked, async () => {
      const below = tracing.start('below', { kind: 'client' });
      await expect(withSpan(below, () => Promise.reject(new TypeError('no such thing')))).rejects.toThrow();
    });
    const batch = tracing.start('batch', { parent: null, links: [asked.traceparent as string] });
    batch.set({ messages: 2 });
    batch.end();
    await tracing.close(5000);

    const byName = new Map(spans.map((span) => [span.name, span]));
    const [above, below, linked] = ['asked', 'below', 'batch'].map((name) => byName.get(name) as SentSpan);
    expect(above).toMatchObject({ traceId: SAMPLED.slice(3, 35), parentSpanId: SAMPLED.slice(36, 52), kind: 2 });
    expect(factsOf(above as SentSpan)).toEqual({ 'http.route': '/a' });
    expect(below).toMatchObject({ traceId: above?.traceId, parentSpanId: above?.spanId, kind: 3 });
    expect(below?.status).toEqual({ code: 2, message: 'no such thing' });
    expect(factsOf(below as SentSpan)).toEqual({ 'error.type': 'TypeError' });
    expect(linked?.traceId).not.toBe(above?.traceId);
    expect(linked?.parentSpanId).toBeUndefined();
    expect(linked?.links).toMatchObject([{ spanId: above?.spanId }]);
    expect(factsOf(linked as SentSpan)).toEqual({ messages: 2 });
    expect(requests[0]).toMatchObject({
      headers: { 'x-key': 'mine' },
      resource: { 'service.name': 'hookline-test', 'service.version': '1.2.3', 'service.namespace': 'hookline' },
    });
    expect(await counted()).toEqual({ recorded: 3, sent: 3, failed: 0 });
  });

  it('are above those that others begin in this process, over what is awaited', async () => {
    const tracing = tracingTo();
    const ours = tracing.start('ours', { parent: null });
    await withSpan(ours, async () => {
      await Promise.resolve();
      expect(trace.getActiveSpan()?.spanContext().spanId).toBe(ours.traceparent?.slice(36, 52));
    });
    expect(trace.getActiveSpan()).toBeUndefined();
    await tracing.close(5000);
  });
});

describe('what is recorded', () => {
  it('is what the parent says, and what is not recorded is carried on as it came', async () => {
    const tracing = tracingTo();
    const carried = tracing.start('not', { parent: UNSAMPLED });
    expect(carried).toMatchObject({ traceparent: UNSAMPLED, isRecorded: false });
    const below = carried.run(() => tracing.start('nor this'));
    expect(below.isRecorded).toBe(false);
    expect(below.traceparent?.slice(3, 35)).toBe(UNSAMPLED.slice(3, 35));
    for (const span of [below, carried]) span.end();
    await tracing.close(5000);
    expect(spans).toEqual([]);
  });

  it('is the share of the traces begun here, and a batch with any of them', async () => {
    const tracing = tracingTo({ sampleRatio: 0 });
    const begun = tracing.start('begun', { parent: null });
    expect(begun).toMatchObject({ isRecorded: false, traceparent: expect.stringMatching(/-00$/) });
    const links = [begun.traceparent as string];
    expect(tracing.start('batch', { parent: null, links }).isRecorded).toBe(false);
    expect(tracing.start('batch', { parent: null, links: [...links, SAMPLED] }).isRecorded).toBe(true);
    expect(tracing.start('goes on', { parent: SAMPLED }).isRecorded).toBe(true);
    await tracing.close(5000);
  });

  it('is decided for others in this process, too: below ours as ours, else a share', async () => {
    const none = () => {
      throw new Error('Facts of what is not recorded were asked for.');
    };
    trace.disable();
    const tracing = tracingTo({ sampleRatio: 0 });
    const others = () => trace.getTracer('others').startSpan('theirs');
    expect(others().isRecording()).toBe(false);
    for (const parent of [null, UNSAMPLED]) {
      expect(tracing.start('ours', { parent, facts: none }).run(others).isRecording()).toBe(false);
    }
    expect(tracing.start('ours', { parent: SAMPLED }).run(others).isRecording()).toBe(true);
    await tracing.close(5000);
  });

  it.each(['', 'nonsense', '00-1-2-3'])('begins anew where %j is no parent', async (parent) => {
    const tracing = tracingTo();
    expect(tracing.start('begun', { parent }).traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    await tracing.close(5000);
  });
});

describe('a log line', () => {
  it('says in which span it was written, recorded or not', async () => {
    const lines: Record<string, unknown>[] = [];
    const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
    const tracing = tracingTo();
    const logger = createLogger({ service: 'test', level: 'info', destination: { write }, tracing });
    const span = tracing.start('span', { parent: SAMPLED });
    span.run(() => logger.info('within'));
    tracing.start('carried', { parent: UNSAMPLED }).run(() => logger.info('carried'));
    logger.info('outside');
    span.end();
    await tracing.close(5000);
    const [, traceId, spanId] = span.traceparent?.split('-') ?? [];
    const [, carriedTrace, carriedSpan] = UNSAMPLED.split('-');
    expect(lines[0]).toMatchObject({ trace_id: traceId, span_id: spanId, trace_flags: '01' });
    expect(lines[1]).toMatchObject({ trace_id: carriedTrace, span_id: carriedSpan, trace_flags: '00' });
    expect(lines[2]).not.toHaveProperty('trace_id');
  });
});

describe('a receiver that does not take them', () => {
  // Within one turn of the event loop nothing can be sent.
  it('does not fill the memory: what comes when there is no room is dropped', async () => {
    const tracing = tracingTo();
    for (let n = 0; n < 10_000; n++) tracing.start('span', { parent: null }).end();
    await tracing.close(60_000);
    expect((await counted())['recorded']).toBe(10_000);
    expect((await counted())['sent']).toBe(spans.length);
    expect(spans.length).toBeGreaterThan(0);
    expect(spans.length).toBeLessThanOrEqual(4096 + 512);
  });

  it('is told of once, and again when it does', async () => {
    answer = 'refuses';
    const tracing = tracingTo();
    const sendOne = async () => {
      const before = await counted();
      tracing.start('span', { parent: null }).end();
      const done = (now: Record<string, number>) => Number(now['sent']) + Number(now['failed']);
      while (done(await counted()) === done(before)) await new Promise(setImmediate);
    };
    await sendOne();
    await sendOne();
    expect(troubles).toEqual([expect.any(Error)]);
    answer = 'takes';
    await sendOne();
    expect(troubles).toEqual([expect.any(Error), null]);
    expect(await counted()).toEqual({ recorded: 3, sent: 1, failed: 2 });
    await tracing.close(5000);
  });

  it.each(['hangs', 'is not there'])('holds up no end: it %s', async (how) => {
    answer = 'hangs';
    // A request would take longer than this test may: it is the time given that ends it.
    const timeoutMs = 3_600_000;
    const tracing = tracingTo(
      how === 'hangs' ? { timeoutMs } : { timeoutMs, endpoint: 'http://127.0.0.1:1/v1/traces' },
    );
    for (let n = 0; n < 10_000; n++) tracing.start('span', { parent: null }).end();
    await tracing.close(50);
    expect((await counted())['recorded']).toBe(10_000);
  });
});
