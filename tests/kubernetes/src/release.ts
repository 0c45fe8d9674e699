import { fileURLToPath } from 'node:url';
import { RELEASE, type Cluster, type Ran } from './cluster.ts';

const CHART = fileURLToPath(new URL('../../../infra/helm/hookline', import.meta.url));

/** One broker, and pods that a small machine can run two of each of. */
const VALUES = {
  kafka: { brokers: ['kafka:9092'] },
  registry: { url: 'http://registry:8080/apis/ccompat/v7' },
  config: { HOOKLINE_TOPIC_PARTITIONS: 6 },
  topics: { config: { HOOKLINE_TOPIC_REPLICATION_FACTOR: 1, HOOKLINE_TOPIC_MIN_IN_SYNC_REPLICAS: 1 } },
  ingest: {
    sources: [{ name: 'main', secrets: [{ label: 'first', secretFile: '/etc/hookline/webhook-secrets/main' }] }],
    webhookSecrets: { existingSecret: 'hookline-webhooks' },
    resources: { requests: { cpu: '20m', memory: '200Mi' } },
  },
  processor: { config: { HOOKLINE_DATABASE_POOL_SIZE: 8 }, resources: { requests: { cpu: '20m', memory: '200Mi' } } },
  relay: { resources: { requests: { cpu: '20m', memory: '200Mi' } } },
  cli: { resources: { requests: { cpu: '20m', memory: '100Mi' } } },
  migrations: { backoffLimit: 1, activeDeadlineSeconds: 180 },
};

/** `--set-json` of them, and of what is changed. */
function values(tag: string | undefined, changes: Record<string, unknown>): string[] {
  const all = { ...VALUES, ...(tag === undefined ? {} : { imageTag: tag }) };
  const sets = Object.entries(all).map(([name, value]) => ['--set-json', `${name}=${JSON.stringify(value)}`]);
  const changed = Object.entries(changes).map(([path, value]) => ['--set-json', `${path}=${JSON.stringify(value)}`]);
  return [...sets, ...changed].flat();
}

/** Installs or upgrades, and waits until all is ready or the time is up. */
export function roll(
  cluster: Cluster,
  tag: string | undefined,
  changes: Record<string, unknown> = {},
  { wait = true, seconds = 300 } = {},
): Promise<Ran> {
  const waiting = wait ? ['--wait'] : [];
  const timeout = ['--timeout', `${seconds}s`];
  return cluster.helm('upgrade', '--install', RELEASE, CHART, ...values(tag, changes), ...waiting, ...timeout);
}

export function template(cluster: Cluster, tag: string | undefined): Promise<Ran> {
  return cluster.helm('template', RELEASE, CHART, '--no-hooks', ...values(tag, {}));
}
