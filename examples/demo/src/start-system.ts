import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createTopics } from '@hookline/cli';
import {
  DEFAULT_KEY_RULE,
  DEFAULT_PARTITIONS,
  DEFAULT_RETENTION_MS,
  DEFAULT_TOPIC,
  JOB_TOPIC,
} from '@hookline/contracts';
import { createDatabaseAt, migrateUp } from '@hookline/database';
import { createServiceLogins, freePort, startStack, type StackAddresses } from '@hookline/local-stack';
import type { Logger } from '@hookline/runtime';
import { abortable } from './abortable.ts';
import type { ProviderChoice } from './arguments.ts';
import { startTargets, type Targets } from './effects/targets.ts';
import type { LocalFile } from './local-file.ts';
import { openDatabase } from './observe/open-database.ts';
import { makeTables } from './processor/make-tables.ts';
import type { Progress } from './progress/progress.ts';
import { webhookSecret, type StateDirectory } from './state-directory.ts';
import {
  ingestEnvironment,
  jobsEnvironment,
  processorEnvironment,
  relayEnvironment,
  SOURCE,
  STOP_GRACE_MS,
  type LocalSystem,
} from './supervisor/environment.ts';
import { startService, type ServiceProcess } from './supervisor/service-process.ts';
import { waitUntilReady } from './supervisor/wait-until-ready.ts';
import { within } from './within.ts';

/** Ports that people know, taken where they are free. */
const PORTS = {
  kafka: [9092],
  registry: 8081,
  postgres: 5432,
  ingest: 8080,
  operations: [9464, 9465, 9466, 9467],
} as const;
const DATABASE = 'hookline';
/** The processor is the one of production too, with handlers of the demo's own; jobs are run by the same program. */
const MAINS = {
  ingest: '../../../services/ingest/src/main.ts',
  processor: './processor/main.ts',
  jobs: './processor/main.ts',
  relay: '../../../services/relay/src/main.ts',
} as const;
const JOB_PARTITIONS = 6;
/** How long a start that was interrupted may go on, to be stopped in good order; then the guardians end it. */
const INTERRUPTED_START_MS = 8_000;
const KILL_AFTER_MS = STOP_GRACE_MS + 2_000;

export interface StartOptions {
  provider: ProviderChoice;
  state: StateDirectory;
  progress: Progress;
  logger: Logger;
  signal: AbortSignal;
  /** Takes what must be stopped, in reverse order, whatever happens. */
  resources: AsyncDisposableStack;
}

export interface RunningSystem {
  local: LocalFile;
  ingest: ServiceProcess;
  processor: ServiceProcess;
  jobs: ServiceProcess;
  relay: ServiceProcess;
  targets: Targets;
}

/** Brings up everything, step by step; resolves when both services are ready. */
export async function startSystem(options: StartOptions): Promise<RunningSystem> {
  const { state, progress, logger, signal, resources } = options;
  const secret = await webhookSecret(state);
  const stack = await startLocalStack(options);
  const targets = await startTargets(resources);
  const system: LocalSystem = {
    stack,
    databaseUrl: await progress.step('create the database', () => ensureDatabase(stack.databaseUrl)),
    topic: DEFAULT_TOPIC,
    partitions: DEFAULT_PARTITIONS,
    jobPartitions: JOB_PARTITIONS,
    ...targets,
    ports: {
      ingest: await freePort(PORTS.ingest),
      ingestOperations: await freePort(PORTS.operations[0]),
      processorOperations: await freePort(PORTS.operations[1]),
      jobsOperations: await freePort(PORTS.operations[2]),
      relayOperations: await freePort(PORTS.operations[3]),
    },
    webhookSecret: secret,
  };
  await progress.step('migrate the database', () => abortable(migrate(system.databaseUrl), signal));
  await progress.step('create the topics, register their schemas', async () => {
    await abortable(ensureTopic(system, system.topic, system.partitions, logger), signal);
    await abortable(ensureTopic(system, JOB_TOPIC, system.jobPartitions, logger), signal);
  });

  await mkdir(state.logs, { recursive: true });
  const local = describe(system, targets);
  // The processor first: what is stopped in reverse then stops taking webhooks before it stops processing them.
  const relay = superviseService(options, 'relay', relayEnvironment(process.env, system));
  const jobs = superviseService(options, 'jobs', jobsEnvironment(process.env, system));
  const processor = superviseService(options, 'processor', processorEnvironment(process.env, system));
  const ingest = superviseService(options, 'ingest', ingestEnvironment(process.env, system));
  await progress.step('start ingest, processors and relay', async () => {
    await waitUntilReady(ingest, local.ingestHealthUrl, signal);
    await waitUntilReady(processor, local.processorHealthUrl, signal);
    await waitUntilReady(jobs, healthUrl(system.ports.jobsOperations), signal);
    await waitUntilReady(relay, local.relayHealthUrl, signal);
  });
  return { local, ingest, processor, jobs, relay, targets };
}

async function startLocalStack({
  provider,
  state,
  progress,
  signal,
  resources,
}: StartOptions): Promise<StackAddresses> {
  return progress.step('bring up Kafka, registry and PostgreSQL', async () => {
    const starting = startStack({
      provider,
      dataDirectory: state.stack,
      ports: { kafka: [...PORTS.kafka], registry: PORTS.registry, postgres: PORTS.postgres },
      onStep: progress.stackStep,
      onPartEnd: (message) => progress.say(`! ${message}`),
    });
    resources.defer(async () => {
      // A start that failed has stopped what it had started.
      const stack = await within(starting, INTERRUPTED_START_MS).catch(() => undefined);
      if (stack) await progress.step('stop Kafka, registry and PostgreSQL', () => stack.stop());
    });
    return (await abortable(starting, signal)).addresses;
  });
}

/** A database of our own, beside the stack's; made once. */
async function ensureDatabase(stackUrl: string): Promise<string> {
  try {
    return await createDatabaseAt(stackUrl, DATABASE);
  } catch (error) {
    const DUPLICATE_DATABASE = '42P04';
    if ((error as { code?: string }).code !== DUPLICATE_DATABASE) throw error;
    return new URL(`/${DATABASE}`, stackUrl).href;
  }
}

/** Hookline's tables, the logins of its services, and the tables of the demo's handler. */
async function migrate(url: string): Promise<void> {
  await migrateUp(url);
  await createServiceLogins(url);
  const database = openDatabase(url);
  try {
    await makeTables(database);
  } finally {
    await database.close();
  }
}

/** The same code as `hookline topics create`, with as many copies as one broker can keep. */
async function ensureTopic(
  { stack, databaseUrl }: LocalSystem,
  topic: string,
  partitions: number,
  logger: Logger,
): Promise<void> {
  await createTopics(
    {
      kafkaBrokers: stack.brokers,
      kafkaClientId: 'hookline-demo',
      registryUrl: stack.registryUrl,
      databaseUrl,
      topic,
      topicGeneration: 1,
      topicPartitions: partitions,
      topicNextPartitions: 0,
      keyRule: DEFAULT_KEY_RULE,
      nextKeyRule: 'same',
      topicReplicationFactor: 1,
      topicMinInSyncReplicas: 1,
      topicRetentionMs: DEFAULT_RETENTION_MS,
    },
    logger,
  );
}

function superviseService(
  { state, progress, resources }: StartOptions,
  name: keyof typeof MAINS,
  env: Record<string, string | undefined>,
): ServiceProcess {
  const main = fileURLToPath(new URL(MAINS[name], import.meta.url));
  const service = startService({
    name,
    args: ['--conditions=source', '--disable-warning=ExperimentalWarning', main],
    env,
    logFile: `${state.logs}/${name}.log`,
    onRestart: (end, delayMs) => {
      progress.say(`! ${name} ended by itself (${end}); starting it again in ${delayMs / 1000} s`);
    },
  });
  resources.defer(() => progress.step(`stop ${name}`, () => service.stop(KILL_AFTER_MS)));
  return service;
}

function describe(
  { stack, databaseUrl, topic, partitions, ports, webhookSecret: secret }: LocalSystem,
  targets: Targets,
): LocalFile {
  return {
    pid: process.pid,
    provider: stack.provider,
    ingestUrl: `http://127.0.0.1:${ports.ingest}${SOURCE.path}`,
    ingestHealthUrl: healthUrl(ports.ingestOperations),
    processorHealthUrl: healthUrl(ports.processorOperations),
    relayHealthUrl: healthUrl(ports.relayOperations),
    githubUrl: targets.github.url,
    brokers: stack.brokers,
    registryUrl: stack.registryUrl,
    databaseUrl,
    topic,
    partitions,
    webhookSecret: secret,
  };
}

function healthUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}
