import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabaseAt, migrateUp, recordTopicGeneration } from '@hookline/database';
import { freePort, testStack, type StackAddresses } from '@hookline/local-stack';
import { connectTo, until, type ServiceProcess } from '@hookline/test-support';
import { createServices, INGEST, PROCESSOR, startSystem, TEST_SETTINGS } from './system/start-system.ts';
import { githubDeliveries, githubDelivery } from './traffic/github-delivery.ts';
import { createSender, type Sender } from './traffic/sender.ts';
import { expectEachOnceInOrder } from './verify/expect-each-once-in-order.ts';
import { countAudit, untilCaughtUp } from './verify/read-state.ts';

const CLI = 'packages/cli/src/main.ts';

let stack: StackAddresses;
let sender: Sender;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  stack = await testStack();
});
afterEach(async () => {
  sender?.close();
  for (const end of ends.splice(0).toReversed()) await end();
});

async function untilReason(service: ServiceProcess, reason: RegExp): Promise<void> {
  await until(`a service is not ready, because ${reason.source}`, async () => {
    const { ready, reasons } = await service.readiness();
    return !ready && reasons.some((text) => reason.test(text));
  });
}

/** Services whose topic and database do not exist yet, but for an empty database. */
async function startFromNothing() {
  const name = `e2e_${randomBytes(6).toString('hex')}`;
  const databaseUrl = await createDatabaseAt(stack.databaseUrl, name);
  const services = createServices({
    ...TEST_SETTINGS,
    HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','),
    HOOKLINE_REGISTRY_URL: stack.registryUrl,
    HOOKLINE_DATABASE_URL: databaseUrl,
    HOOKLINE_TOPIC: name,
    HOOKLINE_TOPIC_PARTITIONS: '3',
    HOOKLINE_TOPIC_REPLICATION_FACTOR: '1',
    HOOKLINE_TOPIC_MIN_IN_SYNC_REPLICAS: '1',
    HOOKLINE_CONSUMER_GROUP: name,
  });
  ends.push(() => services.stop());
  const hookline = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await services.start({ main: CLI, args }).ended;
    if (code !== 0) throw new Error(`hookline ${args.join(' ')}: ${stderr}`);
  };
  return { ...services, hookline, databaseUrl, topic: name };
}

// Whatever starts first, a service waits for what it needs, says what that is and what to do, and goes on by itself.
// It does not exit: a restart would help nobody.
describe('services that start before what they need', () => {
  it('wait for `hookline migrate up` and `hookline topics create`, naming them', async () => {
    const { start, hookline } = await startFromNothing();
    const [ingest, processor] = [start({ main: INGEST }), start({ main: PROCESSOR })];
    await untilReason(processor, /The database is not migrated: run `hookline migrate up`/);
    await hookline('migrate', 'up');
    await untilReason(processor, /No partition count is recorded for topic .*: run `hookline topics create`/);
    await untilReason(ingest, /topic .* does not exist|run `hookline topics create`/i);
    await hookline('topics', 'create');
    await Promise.all([ingest.untilReady(), processor.untilReady()]);

    const { port } = await ingest.logged('taking webhooks');
    sender = createSender();
    expect(
      await sender.post({ delivery: githubDelivery(1), url: `http://127.0.0.1:${String(port)}/webhooks/main` }),
    ).toBe(202);
    expect(await Promise.all([ingest.stop(), processor.stop()])).toMatchObject([{ code: 0 }, { code: 0 }]);
  }, 90_000);

  it('wait for a topic that the database knows and Kafka does not', async () => {
    const { startProcessor, hookline, databaseUrl, topic } = await startFromNothing();
    await migrateUp(databaseUrl);
    const database = connectTo(databaseUrl);
    await recordTopicGeneration(database, { topic, generation: 1, partitions: 3 });
    await database.close();
    const processor = startProcessor();
    await untilReason(processor, /Topic .* does not exist in Kafka: run `hookline topics create`/);
    await hookline('topics', 'create');
    await processor.untilReady();
    expect((await processor.stop()).code).toBe(0);
  }, 90_000);

  it('wait for the registry: ingest answers 503 until then, and the processor keeps its place', async () => {
    const system = await startSystem({ partitions: 3 });
    ends.push(() => system.stop());
    sender = createSender();
    const early = await system.startIngest();
    for (const delivery of githubDeliveries(10, 5)) await sender.post({ delivery, url: early.url });

    const registry = new URL(stack.registryUrl);
    const port = await freePort();
    const away = { HOOKLINE_REGISTRY_URL: stack.registryUrl.replace(`:${registry.port}/`, `:${port}/`) };
    const [ingest, processor] = [system.start({ main: INGEST, env: away }), system.startProcessor(away)];
    const { port: ingestPort } = await ingest.logged('taking webhooks');
    const url = `http://127.0.0.1:${String(ingestPort)}/webhooks/main`;
    await untilReason(ingest, /registry/i);
    const refused = githubDelivery(1);
    expect(await sender.post({ delivery: refused, url })).toBe(503);
    await processor.logged('waiting, then trying again', { what: 'decode' });
    expect(await countAudit(system)).toBe(0);

    const gate = await openGate(port, registry);
    ends.push(gate.close);
    await ingest.untilReady();
    expect(await sender.post({ delivery: refused, url })).toBe(202);
    await untilCaughtUp(system);
    await expectEachOnceInOrder(system, sender.answers);
  }, 90_000);
});

describe('services that disagree about the number of partitions', () => {
  // Under another count every key has another partition: two owners, two orders, identities on both sides.
  it('neither read nor write', async () => {
    const system = await startSystem({ partitions: 4 });
    ends.push(() => system.stop());
    sender = createSender();
    const right = await system.startIngest();
    for (const delivery of githubDeliveries(10, 5)) await sender.post({ delivery, url: right.url });

    const wrong = { HOOKLINE_TOPIC_PARTITIONS: '6' };
    const [processor, ingest] = [system.startProcessor(wrong), system.start({ main: INGEST, env: wrong })];
    await untilReason(processor, /recorded as generation 1 with 4 partitions, but .*HOOKLINE_TOPIC_PARTITIONS is 6/);
    await untilReason(ingest, /4 partitions/);
    const { port } = await ingest.logged('taking webhooks');
    const url = `http://127.0.0.1:${String(port)}/webhooks/main`;
    for (const delivery of githubDeliveries(10, 10)) expect(await sender.post({ delivery, url })).toBe(503);
    expect(await Promise.all([ingest.stop(), processor.stop()])).toMatchObject([{ code: 0 }, { code: 0 }]);
    const { rows } = await system.database.query('select from hookline.partition_offsets');
    expect({ owned: rows.length, decided: await countAudit(system) }).toEqual({ owned: 0, decided: 0 });
  }, 90_000);
});

/** Makes a server that was away answer on a port: passes every connection on to the real one. */
async function openGate(port: number, { hostname, port: realPort }: URL) {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const real = net.connect(Number(realPort), hostname);
    for (const socket of [client, real]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    client.pipe(real).pipe(client);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
