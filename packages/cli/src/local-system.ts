import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What `npm start` writes about the system that it runs, as far as commands need it. */
interface LocalFile {
  pid: number;
  ingestUrl: string;
  brokers: string[];
  registryUrl: string;
  databaseUrl: string;
  topic: string;
  partitions: number;
  webhookSecret: string;
}

export type LocalSystem =
  | { found: true; path: string; settings: Record<string, string> }
  /** `why` is a sentence for somebody whose settings are missing. */
  | { found: false; why: string };

const NAME = join('.hookline', 'local.json');

/**
 * The system that `npm start` runs: by HOOKLINE_LOCAL_FILE, else by `.hookline/local.json` in the working directory or
 * the nearest one above it. The file of a process that is no more is of no system.
 */
export function findLocalSystem(env: NodeJS.ProcessEnv, directory: string): LocalSystem {
  const named = env['HOOKLINE_LOCAL_FILE'];
  const path = named || nearest(directory);
  if (path === undefined) return { found: false, why: `There is no ${NAME} here or above: npm start makes one.` };
  const file = read(path);
  if (!file) return { found: false, why: `${path} cannot be read as what npm start writes.` };
  if (!isAlive(file.pid)) return { found: false, why: `${path} is of a system that runs no more: npm start.` };
  return { found: true, path, settings: settingsOf(file) };
}

function nearest(directory: string): string | undefined {
  const path = join(directory, NAME);
  if (text(path) !== undefined) return path;
  const above = dirname(directory);
  return above === directory ? undefined : nearest(above);
}

function read(path: string): LocalFile | undefined {
  try {
    const file = JSON.parse(text(path) ?? '') as LocalFile;
    return Number.isInteger(file.pid) && Array.isArray(file.brokers) ? file : undefined;
  } catch {
    return undefined;
  }
}

function text(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function settingsOf(file: LocalFile): Record<string, string> {
  const copies = String(Math.min(3, file.brokers.length));
  return {
    HOOKLINE_KAFKA_BROKERS: file.brokers.join(','),
    HOOKLINE_REGISTRY_URL: file.registryUrl,
    HOOKLINE_DATABASE_URL: file.databaseUrl,
    HOOKLINE_TOPIC: file.topic,
    HOOKLINE_TOPIC_PARTITIONS: String(file.partitions),
    HOOKLINE_TOPIC_REPLICATION_FACTOR: copies,
    HOOKLINE_TOPIC_MIN_IN_SYNC_REPLICAS: copies,
    HOOKLINE_INGEST_URL: file.ingestUrl,
    HOOKLINE_WEBHOOK_SECRET: file.webhookSecret,
  };
}

/** Where a system is: one of these in the environment, and none of them comes from a file. */
const ADDRESSES = ['HOOKLINE_KAFKA_BROKERS', 'HOOKLINE_REGISTRY_URL', 'HOOKLINE_DATABASE_URL'];
const SHAPE = /^HOOKLINE_TOPIC/;

/**
 * The environment, and what a local system says where that is silent. Two systems are never mixed: what names another
 * database keeps the local brokers out, and the secret goes to the local address only. Pure.
 */
export function withLocalSystem(env: NodeJS.ProcessEnv, local: Record<string, string>): NodeJS.ProcessEnv {
  const isSet = (name: string) => Boolean(env[name] || env[`${name}_FILE`]);
  const elsewhere = ADDRESSES.some(isSet);
  const silent = Object.entries(local).filter(([name]) => {
    if (isSet(name)) return false;
    if (ADDRESSES.includes(name) || SHAPE.test(name)) return !elsewhere;
    return name !== 'HOOKLINE_WEBHOOK_SECRET' || !isSet('HOOKLINE_INGEST_URL');
  });
  return { ...env, ...Object.fromEntries(silent) };
}
