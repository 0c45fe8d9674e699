/** Kafka, the registry and PostgreSQL as pods: one of each, their data in the pod. Not how to run them for real. */

export const IMAGES = ['apache/kafka:4.4.0', 'apicurio/apicurio-registry:3.0.9', 'postgres:18'] as const;
const [KAFKA, REGISTRY, POSTGRES] = IMAGES;

const PASSWORD = 'kubernetes-test';
const LOGINS = ['ingest', 'processor', 'relay', 'operator'] as const;

const KAFKA_ENV = {
  KAFKA_PROCESS_ROLES: 'broker,controller',
  KAFKA_NODE_ID: '1',
  KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
  KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
  KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
  KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://kafka:9092',
  KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  KAFKA_MESSAGE_MAX_BYTES: String(27 * 1024 * 1024),
  KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
  KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
  KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
  KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
  KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
  KAFKA_HEAP_OPTS: '-Xms128m -Xmx512m',
};

const ROLES = [
  `create role hookline_owner login password '${PASSWORD}'`,
  ...[...LOGINS, 'handlers'].map((name) => `create role hookline_${name} nologin`),
  ...LOGINS.map((name) => `create role hookline_${name}_login login password '${PASSWORD}' in role hookline_${name}`),
  'grant hookline_handlers to hookline_processor_login with inherit false, set true',
  'alter database hookline owner to hookline_owner',
].join('; ');

export function backends(): object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'postgres-init' },
      data: { 'roles.sql': `${ROLES};\n` },
    },
    ...server('kafka', KAFKA, 9092, KAFKA_ENV, '1Gi'),
    ...server('registry', REGISTRY, 8080, {}, '1Gi'),
    ...server('postgres', POSTGRES, 5432, { POSTGRES_PASSWORD: PASSWORD, POSTGRES_DB: 'hookline' }, '1Gi', {
      name: 'init',
      volume: { configMap: { name: 'postgres-init' } },
      mountPath: '/docker-entrypoint-initdb.d',
    }),
  ];
}

/** The Secrets that the chart names. */
export function secrets(webhookSecret: string): object[] {
  const url = (login: string): string => `postgresql://${login}:${PASSWORD}@postgres:5432/hookline`;
  const urls = Object.fromEntries(LOGINS.map((name) => [name, url(`hookline_${name}_login`)]));
  return [
    secret('hookline-database', {
      owner: url('hookline_owner'),
      ...urls,
      wrong: urls['processor']?.replace(PASSWORD, 'no'),
    }),
    secret('hookline-webhooks', { main: webhookSecret }),
  ];
}

function secret(name: string, stringData: object): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData };
}

interface Mount {
  name: string;
  volume: object;
  mountPath: string;
}

function server(
  name: string,
  image: string,
  port: number,
  environment: Record<string, string>,
  memory: string,
  mount?: Mount,
): object[] {
  const labels = { app: name };
  const container = {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    env: Object.entries(environment).map(([variable, value]) => ({ name: variable, value })),
    ports: [{ containerPort: port }],
    readinessProbe: { tcpSocket: { port }, periodSeconds: 2 },
    resources: { limits: { memory } },
    volumeMounts: mount ? [{ name: mount.name, mountPath: mount.mountPath }] : [],
  };
  const spec = {
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 5,
    containers: [container],
    volumes: mount ? [{ name: mount.name, ...mount.volume }] : [],
  };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name },
      spec: {
        replicas: 1,
        serviceName: name,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      // A broker must find itself by its name before it is ready.
      spec: { selector: labels, ports: [{ port }], publishNotReadyAddresses: true },
    },
  ];
}
