import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { detectProvider } from './detect-provider.ts';
import { isFree, releasePort } from './free-ports.ts';
import { guard, guardianPid, release, type Ward } from './guardian/guardian.ts';
import { readLayout, type StackLayout } from './layout.ts';
import { tryLock, unlock } from './lock.ts';
import type { Parts, Provider } from './provider.ts';
import { databaseUrl, registryUrl } from './readiness.ts';
import type { Part, PartKind, ProviderName, Stack, StackOptions } from './stack.ts';
import { StackError } from './stack-error.ts';
import { stepReporter } from './steps.ts';

/** How often other ports are chosen when somebody takes one between its choice and the server's start. */
const ATTEMPTS = 3;

const ALL: PartKind[] = ['kafka', 'registry', 'postgres'];

/**
 * Starts Kafka, the schema registry and PostgreSQL, and resolves when all of them answer. Rejects with a `StackError`
 * after stopping what had started. Nothing outlives this process, however it ends.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const step = stepReporter(options.onStep ?? (() => {}));
  const kinds = options.parts ?? ALL;
  const provider = await prepare(options);

  const home = await (options.dataDirectory ? openDirectory(resolve(options.dataDirectory)) : temporaryDirectory());
  let layout: StackLayout | undefined;
  let parts: Parts | undefined;
  const endParts = async (): Promise<void> => {
    if (parts) await stopAll(parts);
    if (layout) ports(layout).forEach(releasePort);
    // Not twice: a port that was given back may be another stack's by then.
    [parts, layout] = [undefined, undefined];
  };
  const end = once(async () => {
    await endParts();
    await home.close();
  });
  try {
    for (let attempt = 1; ; attempt += 1) {
      const chosen = await readLayout(home.path, options.brokers ?? 1, options.ports ?? {});
      layout = chosen;
      parts = await provider.createParts({
        layout: chosen,
        directory: home.path,
        persistent: home.persistent,
        kinds,
        onPartEnd: options.onPartEnd,
        secure: options.secure,
      });
      try {
        await startAll(parts, step);
        return toStack(provider, parts, end);
      } catch (error) {
        await endParts();
        if (attempt === ATTEMPTS || !(await isAnyTaken(chosen))) throw error;
      }
    }
  } catch (error) {
    await end();
    throw error;
  }
}

function ports(layout: StackLayout): number[] {
  return Object.values(layout.ports).flat();
}

/** Asked when our own servers have stopped: then it is somebody else who listens. */
async function isAnyTaken(layout: StackLayout): Promise<boolean> {
  const free = await Promise.all(ports(layout).map(isFree));
  return free.includes(false);
}

/**
 * Downloads whatever a start with the same options would have to, and resolves to the provider that it would use.
 * The next start then takes seconds. Rejects with a `StackError` that says what to do.
 */
export async function prepareStack(options: StackOptions = {}): Promise<ProviderName> {
  return (await prepare(options)).name;
}

async function prepare(options: StackOptions): Promise<Provider> {
  const provider = await loadProvider(await detectProvider(options.provider));
  await provider.prepare(options.parts ?? ALL, stepReporter(options.onStep ?? (() => {})));
  return provider;
}

/** Imported when chosen: Testcontainers alone takes a third of a second to load. */
async function loadProvider(name: Provider['name']): Promise<Provider> {
  if (name === 'containers') return (await import('./containers/index.ts')).containers;
  return (await import('./processes/index.ts')).processes;
}

async function startAll(parts: Parts, step: ReturnType<typeof stepReporter>): Promise<void> {
  const start = (part: Part | undefined) => part && step(`start ${part.name}`, () => part.start());
  // Brokers in the order of their ids: the first is the controller with which the second registers.
  const brokers = async (): Promise<void> => {
    for (const broker of parts.kafka) await start(broker);
  };
  const results = await Promise.allSettled([brokers(), start(parts.registry), start(parts.postgres)]);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** The controller last: without it a broker cannot say goodbye, and waits for it in vain. */
async function stopAll(parts: Parts): Promise<void> {
  const brokers = async (): Promise<void> => {
    for (const broker of parts.kafka.toReversed()) await stop(broker);
  };
  await Promise.all([brokers(), stop(parts.registry), stop(parts.postgres)]);
  await parts.remove();
}

async function stop(part: Part | undefined): Promise<void> {
  // A frozen server cannot stop.
  await part?.resume();
  await part?.stop();
}

function toStack(provider: Provider, parts: Parts, stop: () => Promise<void>): Stack {
  const { kafka, registry, postgres } = parts;
  return {
    addresses: {
      provider: provider.name,
      brokers: kafka.map(({ port }) => `127.0.0.1:${port}`),
      registryUrl: registry ? registryUrl(registry.port) : '',
      databaseUrl: postgres ? databaseUrl(postgres.port) : '',
    },
    kafka,
    get registry() {
      return registry ?? absent('registry');
    },
    get postgres() {
      return postgres ?? absent('postgres');
    },
    stop,
  };
}

function absent(kind: PartKind): never {
  throw new StackError(`This stack was started without ${kind}: name it in "parts".`);
}

interface Home {
  path: string;
  persistent: boolean;
  close(): Promise<void>;
}

async function temporaryDirectory(): Promise<Home> {
  const path = await mkdtemp(join(tmpdir(), 'hookline-stack-'));
  const ward: Ward = { kind: 'path', id: path };
  guard(ward);
  // PostgreSQL may run under another account (see unprivileged.ts), and has to pass.
  await chmod(path, 0o711);
  return {
    path,
    persistent: false,
    async close() {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      release(ward);
    },
  };
}

/**
 * A data directory serves one stack at a time. The lock names the guardian, not us: when we are killed, it lives until
 * our servers are gone.
 */
async function openDirectory(path: string): Promise<Home> {
  await mkdir(path, { recursive: true });
  const lock = join(path, 'stack.lock');
  const ward: Ward = { kind: 'path', id: lock };
  const owner = await tryLock(lock, guardianPid());
  if (owner !== undefined)
    throw new StackError(`${path} is in use by another stack (process ${owner}): stop that first.`);
  guard(ward);
  return {
    path,
    persistent: true,
    async close() {
      await unlock(lock);
      release(ward);
    },
  };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined;
  return () => (result ??= work());
}
