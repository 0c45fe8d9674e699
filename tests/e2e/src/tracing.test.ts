import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { serviceUrls } from '@hookline/local-stack';
import { startTraceReceiver, until, type ReceivedSpan, type TraceReceiver } from '@hookline/test-support';
import { RELAY, startSystem, type System } from './system/start-system.ts';
import { githubDelivery, type GithubDelivery } from './traffic/github-delivery.ts';
import { createSender } from './traffic/sender.ts';

const UNSAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';

let system: System;
let folder: string;
let traces: TraceReceiver;
let target: Server;
/** The `traceparent` of each request to the target, by the GUID of its delivery. */
const sent = new Map<unknown, unknown>();

beforeAll(async () => {
  [system, folder, traces] = await Promise.all([
    startSystem(),
    mkdtemp(join(tmpdir(), 'hookline-traces-')),
    startTraceReceiver(),
  ]);
  target = createServer(({ headers }, response) => {
    sent.set(headers['x-guid'], headers['traceparent']);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(target, 'listening');
});
afterAll(async () => {
  await system.stop();
  const closed = once(target, 'close');
  target.close();
  target.closeAllConnections();
  await Promise.all([closed, traces.close(), rm(folder, { recursive: true })]);
});

function handlersFor(url: string): string {
  return `
export default ({ on }) => {
  on('issues.opened', 'notify', ({ delivery, effects, log }) => {
    log.info('notifying');
    effects.post({ url: '${url}', body: {}, headers: { 'x-guid': delivery.guid } });
  });
};
`;
}

// Through real processes, Kafka and PostgreSQL: the three services know of each other's spans by the record's header and the
// outbox's column alone. The processor starts when all deliveries are in the log, so that it takes them together.
it('a delivery is one trace from the request to the effect, and what is run together is linked', async () => {
  const handlers = join(folder, 'handlers.mjs');
  await writeFile(handlers, handlersFor(`http://127.0.0.1:${(target.address() as AddressInfo).port}/`));
  const env = { HOOKLINE_TRACES_ENDPOINT: traces.url };
  const ingest = await system.startIngest({ ...env, HOOKLINE_LOG_LEVEL: 'debug' });
  const deliveries = [1, 2, 3].map((number) => githubDelivery(7, { issue: { id: number, number } }));
  const carried: GithubDelivery = githubDelivery(7, { issue: { id: 4, number: 4 } });
  carried.headers = { ...carried.headers, traceparent: UNSAMPLED };
  const sender = createSender();
  await sender.postAll(
    [...deliveries, carried].map((delivery) => ({ delivery, url: ingest.url })),
    1,
  );
  sender.close();
  expect(sender.answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);

  const processor = system.startProcessor({ ...env, HOOKLINE_HANDLERS_MODULE: handlers });
  const relay = system.start({
    main: RELAY,
    env: {
      ...env,
      HOOKLINE_DATABASE_URL: serviceUrls(system.databaseUrl).relay,
      HOOKLINE_OUTBOUND_ALLOW: '127.0.0.1',
    },
  });
  await until('all effects are sent', () => sent.size === 4);
  // A stop sends what is left.
  expect((await Promise.all([ingest, processor, relay].map((one) => one.stop()))).map(({ code }) => code)).toEqual([
    0, 0, 0,
  ]);

  const { spans } = traces;
  const { topic } = system;
  const below = (parent: ReceivedSpan, name: string): ReceivedSpan => {
    const found = spans.filter((span) => span.parentSpanId === parent.spanId && span.name === name);
    expect(found).toHaveLength(1);
    expect(found[0]?.traceId).toBe(parent.traceId);
    return found[0] as ReceivedSpan;
  };
  const slices = spans.filter(({ name }) => name === `slice ${topic}`);
  expect(slices).toHaveLength(1);
  const [slice] = slices as [ReceivedSpan];
  expect(slice).toMatchObject({ service: 'hookline-processor', kind: 5, parentSpanId: '' });
  expect(slice.links).toHaveLength(3);

  for (const { guid } of deliveries) {
    const request = spans.find(({ kind, facts }) => kind === 2 && facts['hookline.guid'] === guid) as ReceivedSpan;
    expect(request).toMatchObject({ service: 'hookline-ingest', name: 'POST /webhooks/main', parentSpanId: '' });
    expect(request.facts).toMatchObject({ 'http.response.status_code': 202, 'hookline.answer': 'ACCEPTED' });
    const append = below(request, `send ${topic}`);
    expect(append).toMatchObject({
      kind: 4,
      facts: { 'messaging.system': 'kafka', 'messaging.destination.name': topic },
    });
    const process = below(append, `process ${topic}`);
    expect(process).toMatchObject({ service: 'hookline-processor', kind: 5, hasFailed: false });
    expect(process.facts).toMatchObject({
      'hookline.decision': 'processed',
      'messaging.kafka.offset': append.facts['messaging.kafka.offset'],
    });
    expect(process.links).toMatchObject([{ traceId: slice.traceId, spanId: slice.spanId }]);
    expect(slice.links).toContainEqual(expect.objectContaining({ traceId: append.traceId, spanId: append.spanId }));
    const handle = below(process, 'handle notify');
    const attempt = below(handle, 'send http.post');
    expect(attempt).toMatchObject({ service: 'hookline-relay', kind: 3, hasFailed: false });
    expect(attempt.facts).toMatchObject({ 'hookline.effect.outcome': 'sent', 'hookline.effect.attempt': 1 });
    expect(sent.get(guid)).toBe(`00-${attempt.traceId}-${attempt.spanId}-01`);

    await ingest.logged('delivery accepted', { guid, trace_id: request.traceId, span_id: request.spanId });
    await processor.logged('notifying', { guid, trace_id: handle.traceId, span_id: handle.spanId });
  }
  // The built-in projection runs once for all of them.
  expect(below(slice, 'handle repository-activity')).toMatchObject({ kind: 1 });

  // What a proxy in front does not record is not recorded here, and goes on to the target all the same.
  expect(spans.filter(({ facts }) => facts['hookline.guid'] === carried.guid)).toEqual([]);
  expect(sent.get(carried.guid)).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/);
});
