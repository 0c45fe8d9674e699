import { expect, it } from '@jest/globals';
import {
  ingestEnvironment,
  jobsEnvironment,
  processorEnvironment,
  relayEnvironment,
  type LocalSystem,
} from './environment.ts';

const system: LocalSystem = {
  stack: {
    provider: 'processes',
    brokers: ['127.0.0.1:1', '127.0.0.1:2'],
    registryUrl: 'http://127.0.0.1:3',
    databaseUrl: 'postgres://127.0.0.1:4/postgres',
  },
  databaseUrl: 'postgres://127.0.0.1:4/hookline',
  topic: 'github.deliveries',
  partitions: 24,
  jobPartitions: 6,
  ports: { ingest: 5, ingestOperations: 6, processorOperations: 7, jobsOperations: 8, relayOperations: 9 },
  githubFile: '/state/github.json',
  routesFile: '/state/routes.json',
  webhookSecret: 'secret',
};
const inherited = { PATH: '/bin', HOOKLINE_DATABASE_URL: 'postgres://production', HOOKLINE_TOPIC_GENERATION: '9' };

// A developer's shell may hold the settings of a real installation: the demo must never reach it.
it('lets no setting of another Hookline through', () => {
  const ingest = ingestEnvironment(inherited, system);
  const processor = processorEnvironment(inherited, system);
  expect(ingest).toMatchObject({ PATH: '/bin', HOOKLINE_KAFKA_BROKERS: '127.0.0.1:1,127.0.0.1:2' });
  expect(ingest['HOOKLINE_DATABASE_URL']).toBe('postgres://local_ingest:hookline@127.0.0.1:4/hookline');
  expect(processor['HOOKLINE_DATABASE_URL']).toBe('postgres://local_processor:hookline@127.0.0.1:4/hookline');
  const jobs = jobsEnvironment(inherited, system);
  const relay = relayEnvironment(inherited, system);
  expect(relay['HOOKLINE_DATABASE_URL']).toBe('postgres://local_relay:hookline@127.0.0.1:4/hookline');
  const all = [ingest, processor, jobs, relay];
  expect(all.map((env) => env['HOOKLINE_TOPIC_GENERATION'])).toEqual(all.map(() => undefined));
  expect(all.map((env) => env['HOOKLINE_OPERATIONS_PORT'])).toEqual(['6', '7', '8', '9']);
  expect(all.map((env) => env['HOOKLINE_TOPIC'])).toEqual([
    'github.deliveries',
    'github.deliveries',
    'hookline.jobs',
    'github.deliveries',
  ]);
  expect(JSON.parse(ingest['HOOKLINE_SOURCES'] ?? '')).toEqual([
    expect.objectContaining({ name: 'demo', path: '/webhooks/demo', secrets: [{ label: 'demo', secret: 'secret' }] }),
  ]);
});
