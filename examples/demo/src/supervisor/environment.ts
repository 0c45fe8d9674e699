import { randomUUID } from 'node:crypto';
import { JOB_TOPIC } from '@hookline/contracts';
import { serviceUrls, type StackAddresses } from '@hookline/local-stack';
import type { Target } from '../traffic/sign-delivery.ts';

/** Name of the one source that the demo configures. */
export const SOURCE = { name: 'demo', path: '/webhooks/demo', namespace: 'github.com' } as const;

/**
 * Each run sends the same payloads under new GUIDs, as a replay would; in a dedup scope of its own they are known to nobody.
 */
const DEDUP_SCOPE = `demo-${randomUUID()}`;

/** What deliveries for it are made of. */
export function targetOf(webhookSecret: string): Target {
  return { path: SOURCE.path, namespace: SOURCE.namespace, dedupScope: DEDUP_SCOPE, secret: webhookSecret };
}

export interface LocalSystem {
  stack: StackAddresses;
  /** The demo's own database in the stack, as its owner. */
  databaseUrl: string;
  topic: string;
  partitions: number;
  /** Partitions of the topic of jobs. */
  jobPartitions: number;
  ports: {
    ingest: number;
    ingestOperations: number;
    processorOperations: number;
    jobsOperations: number;
    relayOperations: number;
  };
  /** Files that say who the relay is at GitHub, and where routes lead. */
  githubFile: string;
  routesFile: string;
  webhookSecret: string;
}

type Environment = Record<string, string | undefined>;

/** Milliseconds that a service has to finish what it has begun; a kill follows a little later. */
export const STOP_GRACE_MS = 10_000;

/** What ingest is told. */
export function ingestEnvironment(inherited: Environment, system: LocalSystem): Environment {
  const secrets = [{ label: 'demo', secret: system.webhookSecret }];
  return {
    ...shared(inherited, system, system.ports.ingestOperations),
    HOOKLINE_KAFKA_CLIENT_ID: 'hookline-ingest',
    HOOKLINE_INGEST_HOST: '127.0.0.1',
    HOOKLINE_INGEST_PORT: String(system.ports.ingest),
    // So that what has been processed is answered at once; as long as it may be, for a machine that does all at once.
    HOOKLINE_DATABASE_URL: serviceUrls(system.databaseUrl).ingest,
    HOOKLINE_INGEST_LOOK_UP_TIMEOUT_MS: '1000',
    HOOKLINE_SOURCES: JSON.stringify([{ ...SOURCE, dedupScope: DEDUP_SCOPE, secrets }]),
  };
}

/** What the processor is told. */
export function processorEnvironment(inherited: Environment, system: LocalSystem): Environment {
  return {
    ...shared(inherited, system, system.ports.processorOperations),
    HOOKLINE_KAFKA_CLIENT_ID: 'hookline-processor',
    HOOKLINE_DATABASE_URL: serviceUrls(system.databaseUrl).processor,
    HOOKLINE_ROUTES_FILE: system.routesFile,
    // So that a person who watches sees the recovery within a second or so.
    HOOKLINE_LANE_RETRY_MIN_MS: '250',
    HOOKLINE_LANE_RETRY_MAX_MS: '1000',
  };
}

/** What the processor of jobs is told: the same program, on another topic. */
export function jobsEnvironment(inherited: Environment, system: LocalSystem): Environment {
  return {
    ...shared(inherited, system, system.ports.jobsOperations),
    HOOKLINE_KAFKA_CLIENT_ID: 'hookline-jobs',
    HOOKLINE_DATABASE_URL: serviceUrls(system.databaseUrl).processor,
    HOOKLINE_TOPIC: JOB_TOPIC,
    HOOKLINE_TOPIC_PARTITIONS: String(system.jobPartitions),
    HOOKLINE_CONSUMER_GROUP: 'hookline-jobs',
  };
}

/** What the relay is told. */
export function relayEnvironment(inherited: Environment, system: LocalSystem): Environment {
  return {
    ...shared(inherited, system, system.ports.relayOperations),
    HOOKLINE_KAFKA_CLIENT_ID: 'hookline-relay',
    HOOKLINE_DATABASE_URL: serviceUrls(system.databaseUrl).relay,
    HOOKLINE_ROUTES_FILE: system.routesFile,
    HOOKLINE_GITHUB_FILE: system.githubFile,
    HOOKLINE_JOB_TOPIC_PARTITIONS: String(system.jobPartitions),
    // What stands in for GitHub, and the receiver, are on this machine.
    HOOKLINE_OUTBOUND_ALLOW: '127.0.0.0/8',
    // So that what a relay that was killed has left is gone on with in a second or two.
    HOOKLINE_LEASE_MS: '4000',
    HOOKLINE_LEASE_MARGIN_MS: '500',
    HOOKLINE_EFFECT_DEADLINE_MS: '2500',
  };
}

function shared(inherited: Environment, system: LocalSystem, operationsPort: number): Environment {
  return {
    // Settings of another Hookline that happen to be in the environment must not reach this one.
    ...Object.fromEntries(Object.entries(inherited).filter(([name]) => !name.startsWith('HOOKLINE_'))),
    HOOKLINE_KAFKA_BROKERS: system.stack.brokers.join(','),
    HOOKLINE_REGISTRY_URL: system.stack.registryUrl,
    HOOKLINE_TOPIC: system.topic,
    HOOKLINE_TOPIC_PARTITIONS: String(system.partitions),
    HOOKLINE_OPERATIONS_HOST: '127.0.0.1',
    HOOKLINE_OPERATIONS_PORT: String(operationsPort),
    HOOKLINE_STOP_GRACE_MS: String(STOP_GRACE_MS),
  };
}
