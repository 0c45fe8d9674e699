import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHealth } from './health.ts';
import type { Health } from './health.ts';
import { createLogger } from './logging/logger.ts';
import { createMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import { createOperationsServer } from './operations-server.ts';
import type { OperationsServer } from './operations-server.ts';

const logged: string[] = [];
const logger = createLogger({ service: 'test', level: 'info', destination: { write: (line) => logged.push(line) } });
let health: Health;
let metrics: Metrics;
let server: OperationsServer;
let base: string;

beforeEach(async () => {
  health = createHealth();
  metrics = createMetrics({ service: 'test', version: '9.9.9' });
  server = createOperationsServer({ host: '127.0.0.1', port: 0, health, metrics, logger });
  base = `http://127.0.0.1:${(await server.start()).port}`;
});

afterEach(() => server.stop());

describe('/livez and /readyz', () => {
  it('name every probe, and why one fails', async () => {
    health.readiness('producer', () => true);
    health.readiness('topic', () => 'github.deliveries has 12 partitions, not 24');
    health.liveness('loop', () => true);
    const ready = await fetch(`${base}/readyz`);
    expect(ready.status).toBe(503);
    expect(ready.headers.get('cache-control')).toBe('no-store');
    expect(await ready.json()).toEqual({
      ok: false,
      probes: [
        { name: 'producer', ok: true },
        { name: 'topic', ok: false, reason: 'github.deliveries has 12 partitions, not 24' },
      ],
    });
    const live = await fetch(`${base}/livez`);
    expect([live.status, await live.json()]).toEqual([200, { ok: true, probes: [{ name: 'loop', ok: true }] }]);
  });

  it('answer HEAD, as some load balancers ask', async () => {
    expect((await fetch(`${base}/livez`, { method: 'HEAD' })).status).toBe(200);
  });
});

describe('/metrics', () => {
  it('gives ours and those of Node, as Prometheus reads them', async () => {
    const response = await fetch(`${base}/metrics`);
    const text = await response.text();
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(text).toContain(`hookline_build_info{service="test",version="9.9.9",node="${process.version}"} 1`);
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('says of each moment whether the process is ready, so that an alert can ask for it', async () => {
    let answer: true | string = 'no broker answers';
    health.readiness('log', () => answer);
    const ready = async () => /^hookline_ready (.+)$/m.exec(await (await fetch(`${base}/metrics`)).text())?.[1];
    expect(await ready()).toBe('0');
    answer = true;
    expect(await ready()).toBe('1');
  });

  it('answers 500 and logs why when a metric cannot be collected', async () => {
    metrics.registry.registerMetric({
      name: 'broken',
      get: () => Promise.reject(new Error('collector broke')),
    } as never);
    const response = await fetch(`${base}/metrics`);
    expect([response.status, await response.json()]).toEqual([500, expect.objectContaining({ code: 'INTERNAL' })]);
    expect(logged.at(-1)).toContain('collector broke');
  });
});

describe('anything else', () => {
  it('is 404, saying what there is', async () => {
    const response = await fetch(`${base}/health`);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect([response.status, await response.json()]).toEqual([
      404,
      {
        status: 404,
        code: 'NOT_FOUND',
        detail: 'There is no /health here; there are /livez, /readyz and /metrics.',
      },
    ]);
  });

  it('is 405 with Allow for another method', async () => {
    const response = await fetch(`${base}/livez`, { method: 'POST' });
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    expect([response.status, await response.json()]).toEqual([
      405,
      { status: 405, code: 'METHOD_NOT_ALLOWED', detail: '/livez answers GET and HEAD only.' },
    ]);
  });
});

describe('start and stop', () => {
  it('frees the port although a request hangs: a stuck collector must not hold up the stop', async () => {
    const port = Number(new URL(base).port);
    const asked = Promise.withResolvers<void>();
    const get = async (): Promise<void> => {
      asked.resolve();
      await new Promise(() => {});
    };
    metrics.registry.registerMetric({ name: 'stuck', get } as never);
    const hanging = fetch(`${base}/metrics`).catch((error: unknown) => error);
    await asked.promise;
    await server.stop();
    expect(await hanging).toEqual(new TypeError('fetch failed'));
    const next = createOperationsServer({
      host: '127.0.0.1',
      port,
      health,
      metrics: createMetrics({ service: 'next' }),
      logger,
    });
    expect(await next.start()).toEqual({ port });
    await next.stop();
  });

  it('may be stopped twice, or without a start', async () => {
    await server.stop();
    await expect(server.stop()).resolves.toBeUndefined();
  });

  it('passes on why it cannot listen', async () => {
    // TEST-NET-1: no machine has this address.
    const nowhere = createOperationsServer({
      host: '192.0.2.1',
      port: 0,
      health,
      metrics: createMetrics({ service: 'nowhere' }),
      logger,
    });
    await expect(nowhere.start()).rejects.toThrow('EADDRNOTAVAIL');
  });
});
