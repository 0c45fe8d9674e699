import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  serviceUrls,
  startPrometheus,
  type LocalPrometheus,
  type PrometheusPrograms,
  type StackAddresses,
} from '@hookline/local-stack';
import type { ServiceProcess } from '@hookline/test-support';
import { RELAY, startSystem, type IngestProcess, type System } from '../system/start-system.ts';

/** One of each service, with everything to do that they can have, and a Prometheus that scrapes them by our rules. */
export interface WatchedSystem {
  system: System;
  ingest: IngestProcess;
  prometheus: LocalPrometheus;
  stop(): Promise<void>;
}

export interface WatchedSystemSettings {
  programs: PrometheusPrograms;
  /** Default: this run's stack. */
  stack?: StackAddresses;
  partitions?: number;
}

const RULES = fileURLToPath(new URL('../../../../infra/helm/hookline/files/rules/*.yaml', import.meta.url));

/** A delivery says in its payload that it `fails`; the second time it is given up. */
const HANDLERS = `
export default ({ on }) => {
  on('issues', 'plan', { maxAttempts: 2 }, ({ payload }) => {
    if (payload.fails) throw new Error('cannot digest this');
  });
};
`;

/** Answers 500 to every twentieth request, and 410 to what says that it is unwanted. */
async function startReceiver(): Promise<{ url: string; close(): Promise<void> }> {
  let requests = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.once('end', () => {
      requests += 1;
      response.writeHead(body.includes('"unwanted":true') ? 410 : requests % 20 === 0 ? 500 : 204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export async function startWatchedSystem(settings: WatchedSystemSettings): Promise<WatchedSystem> {
  const { programs, partitions = 4 } = settings;
  const [system, receiver, directory] = await Promise.all([
    startSystem({ partitions, ...(settings.stack ? { stack: settings.stack } : {}) }),
    startReceiver(),
    mkdtemp(join(tmpdir(), 'hookline-watched-')),
  ]);
  const [routesFile, handlersModule] = [join(directory, 'routes.json'), join(directory, 'handlers.mjs')];
  await writeFile(routesFile, JSON.stringify([{ name: 'hooks', on: ['*'], forward: receiver.url }]));
  await writeFile(handlersModule, HANDLERS);
  const ingest = await system.startIngest(system.lookUp);
  const processor = system.startProcessor({
    HOOKLINE_ROUTES_FILE: routesFile,
    HOOKLINE_HANDLERS_MODULE: handlersModule,
    HOOKLINE_LANE_RETRY_MIN_MS: '500',
    HOOKLINE_LANE_RETRY_MAX_MS: '500',
  });
  const relay = system.start({
    main: RELAY,
    env: {
      HOOKLINE_DATABASE_URL: serviceUrls(system.databaseUrl).relay,
      HOOKLINE_ROUTES_FILE: routesFile,
      HOOKLINE_OUTBOUND_ALLOW: '127.0.0.1',
      HOOKLINE_EFFECT_RETRY_MIN_MS: '500',
    },
  });
  await Promise.all([processor.untilReady(), relay.untilReady()]);
  const prometheus = await startPrometheus({
    program: programs.prometheus,
    rules: [RULES],
    targets: {
      ingest: await operations(ingest),
      processor: await operations(processor),
      relay: await operations(relay),
    },
  });
  return {
    system,
    ingest,
    prometheus,
    async stop() {
      await prometheus.stop();
      await system.stop();
      await receiver.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function operations(service: ServiceProcess): Promise<string> {
  return `127.0.0.1:${String((await service.logged('operations server listens'))['port'])}`;
}
