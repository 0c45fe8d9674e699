import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSchemaRegistry } from '@hookline/kafka';
import { testStack, testTopic } from '@hookline/local-stack';
import { createLogger, createMetrics, systemClock } from '@hookline/runtime';
import { until } from '@hookline/test-support';
import { createIngestEvents } from './events.ts';
import { createRest } from './http/rest.ts';
import { send, signed } from './testing/http.ts';
import { type RunningIngest, startIngest } from './testing/start-ingest.ts';

/** An error of ours is neither a 202, nor a hanging request, nor the end of the process. */
describe('an error that nobody foresaw', () => {
  let ingest: RunningIngest;
  let failing = true;
  let rest: Server;
  const lines: string[] = [];

  beforeAll(async () => {
    const stack = await testStack();
    const logger = createLogger({
      service: 'ingest',
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    });
    const registry = createSchemaRegistry({ url: stack.registryUrl, timeoutMs: 10_000 }, logger);
    const encodeDelivery: typeof registry.encodeDelivery = (schemaId, delivery) => {
      if (failing) throw new TypeError('a bug');
      return registry.encodeDelivery(schemaId, delivery);
    };
    ingest = await startIngest({
      stack,
      topic: await testTopic(),
      overrides: { registry: { ...registry, encodeDelivery } },
    });
    await until('ingest is ready', () => ingest.ready().ok);
    const events = createIngestEvents({ logger, metrics: createMetrics({ service: 'ingest' }), clock: systemClock });
    const other = () => {
      throw new TypeError('a bug');
    };
    rest = createServer(createRest({ ...events, other })).listen(0, '127.0.0.1');
    await until('the rest listens', () => rest.listening);
  });
  afterAll(async () => {
    rest.close();
    await ingest.stop();
  });

  it('in the handling of a delivery is answered 500 and logged, and the next delivery goes on', async () => {
    expect(await send({ port: ingest.port, ...signed('{}') })).toMatchObject({
      status: 500,
      json: { code: 'INTERNAL' },
    });
    expect(ingest.log).toContainEqual(expect.objectContaining({ level: 'error', msg: 'request failed' }));
    failing = false;
    expect((await send({ port: ingest.port, ...signed('{}') })).status).toBe(202);
  });

  it('anywhere else is answered the same way', async () => {
    const { port } = rest.address() as AddressInfo;
    expect(await send({ port, method: 'GET', path: '/x' })).toMatchObject({ status: 500, json: { code: 'INTERNAL' } });
    expect(lines.join()).toContain('a bug');
  });
});
