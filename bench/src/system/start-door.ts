import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SECRET } from '../load/deliveries.ts';
import type { Usage } from '../programs/leave-outcome.ts';
import type { Main, System } from './open-system.ts';
import { expectGoodEnd } from './program-end.ts';

/** What takes webhooks: ingest, or what it is compared with. */
export interface Door {
  /** Where it takes them. */
  url: string;
  pid: number;
  /** `/metrics`, where it has one. */
  metrics(): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM; resolves to what it has needed. Rejects where it did not end well. */
  stop(): Promise<Usage>;
}

export const INGEST: Main = { source: 'services/ingest/src/main.ts', dist: 'services/ingest/dist/main.js' };

const LEAVE_USAGE = new URL('../programs/leave-usage.ts', import.meta.url).href;

/** A baseline that runs as it is, whatever else is built. */
export function programOf(name: string): Main {
  const main = `bench/src/baselines/programs/${name}.ts`;
  return { source: main, dist: main };
}

/** Starts it and waits until it takes webhooks. Ingest looks deliveries up, as in production. */
export async function startDoor(system: System, main: Main, env: Record<string, string> = {}): Promise<Door> {
  const usageFile = join(system.directory, 'door.json');
  const preload = main === INGEST ? { NODE_OPTIONS: `--import=${LEAVE_USAGE} ${env['NODE_OPTIONS'] ?? ''}` } : {};
  const service = system.start(main, { env: { BENCH_SECRET: SECRET, BENCH_USAGE: usageFile, ...env, ...preload } });
  const { port } = await service.logged('taking webhooks');
  if (main === INGEST) await service.untilReady();
  return {
    url: `http://127.0.0.1:${String(port)}/webhooks/main`,
    pid: service.pid,
    signal: service.signal,
    async metrics() {
      const { port: operations } = await service.logged('operations server listens');
      return await (await fetch(`http://127.0.0.1:${String(operations)}/metrics`)).text();
    },
    async stop() {
      expectGoodEnd('A door', await service.stop());
      return JSON.parse(await readFile(usageFile, 'utf8')) as Usage;
    },
  };
}
