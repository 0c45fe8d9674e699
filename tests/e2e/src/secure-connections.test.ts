import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { secureStack, serviceUrls, testStack, type SecureAddresses, type ServiceUrls } from '@hookline/local-stack';
import { behindTls, until, type BehindTls, type ServiceProcess } from '@hookline/test-support';
import { startNoteReceiver, type NoteReceiver } from './receivers/note-receiver.ts';
import { RELAY, startSystem, type System } from './system/start-system.ts';
import { githubDelivery } from './traffic/github-delivery.ts';
import { createSender } from './traffic/sender.ts';

const REGISTRY_PASSWORD = 'of the registry';

let at: SecureAddresses;
let system: System;
let registry: BehindTls;
let receiver: NoteReceiver;

beforeAll(async () => {
  const [stack, secure] = await Promise.all([testStack(), secureStack()]);
  at = secure;
  const basic = `Basic ${Buffer.from(`hookline:${REGISTRY_PASSWORD}`).toString('base64')}`;
  registry = await behindTls(stack.registryUrl, at.server, basic);
  receiver = await startNoteReceiver();
  system = await startSystem({
    partitions: 2,
    stack: { ...stack, brokers: [at.brokers.plain], databaseUrl: at.databaseUrl },
  });
});
afterAll(async () => {
  await system?.stop();
  await Promise.all([registry?.close(), receiver?.close()]);
});

function fileWith(text: string): string {
  const path = join(at.directory, `test-${randomBytes(6).toString('hex')}`);
  writeFileSync(path, text);
  return path;
}

/** Nothing that is said in the clear, and every secret from a file. */
function secured(login: keyof ServiceUrls): Record<string, string> {
  const database = new URL(serviceUrls(system.databaseUrl)[login]);
  const databasePassword = fileWith(database.password);
  database.password = '';
  return {
    HOOKLINE_KAFKA_BROKERS: at.brokers.sasl,
    HOOKLINE_KAFKA_TLS: 'true',
    HOOKLINE_KAFKA_CA_FILE: at.caFile,
    HOOKLINE_KAFKA_SASL: 'scram-sha-512',
    HOOKLINE_KAFKA_USERNAME: at.user,
    HOOKLINE_KAFKA_PASSWORD_FILE: fileWith(at.password),
    HOOKLINE_REGISTRY_URL: registry.url,
    HOOKLINE_REGISTRY_CA_FILE: at.caFile,
    HOOKLINE_REGISTRY_USERNAME: 'hookline',
    HOOKLINE_REGISTRY_PASSWORD_FILE: fileWith(REGISTRY_PASSWORD),
    HOOKLINE_DATABASE_URL: database.href,
    HOOKLINE_DATABASE_PASSWORD_FILE: databasePassword,
    HOOKLINE_DATABASE_TLS: 'true',
    HOOKLINE_DATABASE_CA_FILE: at.caFile,
  };
}

/** What a service itself has said of it; KafkaJS adds a line for each of its attempts. */
const saying = ({ log }: ServiceProcess, said: RegExp) =>
  log.filter(
    ({ level, err, reason, kafkajs }) =>
      ['warn', 'error'].includes(level) && kafkajs === undefined && said.test(JSON.stringify({ err, reason })),
  );

it('deliveries go from request to effect over secured connections, and none that is not', async () => {
  const routes = [{ name: 'notes', on: ['*'], forward: receiver.url }];
  const routesFile = fileWith(JSON.stringify(routes));
  const ingest = await system.startIngest(secured('ingest'));
  system.startProcessor({ ...secured('processor'), HOOKLINE_ROUTES_FILE: routesFile });
  system.start({
    main: RELAY,
    env: { ...secured('relay'), HOOKLINE_ROUTES_FILE: routesFile, HOOKLINE_OUTBOUND_ALLOW: '127.0.0.1' },
  });
  const deliveries = [1, 2, 3, 4, 5].map(() => githubDelivery(7));
  const sender = createSender();
  await sender.postAll(
    deliveries.map((delivery) => ({ delivery, url: ingest.url })),
    1,
  );
  sender.close();
  await until('all are forwarded', () => receiver.guids.length >= deliveries.length);
  expect(receiver.guids).toEqual(deliveries.map(({ guid }) => guid));

  const { rows } = await system.database.query(
    `select distinct ssl from pg_stat_ssl join pg_stat_activity using (pid) where usename like 'local\\_%'`,
  );
  expect(rows).toEqual([{ ssl: true }]);
});

it('wrong secrets are told in one line each, and right ones are taken without a restart', async () => {
  const forIngest = secured('ingest');
  const forProcessor = secured('processor');
  writeFileSync(forProcessor['HOOKLINE_DATABASE_PASSWORD_FILE'] as string, 'wrong');
  writeFileSync(forIngest['HOOKLINE_KAFKA_PASSWORD_FILE'] as string, 'wrong');
  writeFileSync(forIngest['HOOKLINE_REGISTRY_PASSWORD_FILE'] as string, 'wrong');
  const ingest = system.start({ main: 'services/ingest/src/main.ts', env: forIngest });
  const processor = system.startProcessor(forProcessor);

  const reasons = async (of: ServiceProcess) =>
    (await of.readiness().catch(() => ({ reasons: [] }))).reasons.join('\n');
  await until('the processor says why', async () => /password authentication failed/.test(await reasons(processor)));
  await until('ingest says why', async () => {
    const said = await reasons(ingest);
    return /authentication failed/i.test(said) && /status 401/.test(said);
  });
  expect(saying(processor, /password authentication failed/)).toHaveLength(1);
  expect(saying(ingest, /status 401/)).toHaveLength(1);
  expect(saying(ingest, /authentication failed/i)).toHaveLength(1);

  writeFileSync(forProcessor['HOOKLINE_DATABASE_PASSWORD_FILE'] as string, 'hookline');
  writeFileSync(forIngest['HOOKLINE_KAFKA_PASSWORD_FILE'] as string, at.password);
  writeFileSync(forIngest['HOOKLINE_REGISTRY_PASSWORD_FILE'] as string, REGISTRY_PASSWORD);
  await Promise.all([ingest.untilReady(), processor.untilReady()]);
});
