import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-ports.ts';
import type { StackPorts } from './stack.ts';

/** What a stack keeps over restarts, in `stack.json` of its data directory. */
export interface StackLayout {
  /** Names this stack's containers and volumes. */
  id: string;
  /** Kafka's: its log refuses to be opened under another. */
  clusterId: string;
  ports: {
    /** One per broker. */
    kafka: number[];
    /** Of the cluster's controller, when it runs as a process. */
    controller: number;
    registry: number;
    postgres: number;
  };
}

/** The layout of this directory's last run, or a new one; wished ports go first, taken ones are replaced. */
export async function readLayout(directory: string, brokers: number, wished: StackPorts): Promise<StackLayout> {
  const file = join(directory, 'stack.json');
  const last = await readFile(file, 'utf8').then((text) => JSON.parse(text) as StackLayout, ignoreMissing);
  const kafka: number[] = [];
  for (let index = 0; index < brokers; index += 1) {
    kafka.push(await freePort(wished.kafka?.[index] ?? last?.ports.kafka[index]));
  }
  const layout: StackLayout = {
    id: last?.id ?? randomBytes(6).toString('hex'),
    clusterId: last?.clusterId ?? newClusterId(),
    ports: {
      kafka,
      controller: await freePort(last?.ports.controller),
      registry: await freePort(wished.registry ?? last?.ports.registry),
      postgres: await freePort(wished.postgres ?? last?.ports.postgres),
    },
  };
  await mkdir(directory, { recursive: true });
  await writeFile(file, `${JSON.stringify(layout, null, 2)}\n`);
  return layout;
}

/** Sixteen random bytes as Kafka writes them. One that began with "-" would be an option to Kafka's tools. */
function newClusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? newClusterId() : id;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
