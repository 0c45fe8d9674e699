import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StackAddresses, testStack, testTopic } from '@hookline/local-stack';
import { readDeliveries, type ServiceProcess, startProgram, until } from '@hookline/test-support';
import { open, send, signed } from './testing/http.ts';
import { ingestEnvironment, SECRET } from './testing/start-ingest.ts';

const main = 'services/ingest/src/main.ts';

/** Ingest as the process that an operator starts, asks, signals and stops. */
describe('the process', () => {
  let stack: StackAddresses;
  let topic: string;
  const running = new Set<ServiceProcess>();

  beforeAll(async () => {
    stack = await testStack();
    topic = await testTopic();
  });
  afterEach(async () => {
    for (const ingest of running) {
      ingest.signal('SIGKILL');
      await ingest.ended;
    }
    running.clear();
  });

  const start = async (settings: Record<string, string> = {}) => {
    const ingest = startProgram({ main, env: ingestEnvironment({ stack, topic, settings }) });
    running.add(ingest);
    const { port } = await ingest.logged('taking webhooks');
    const operations = await ingest.logged('operations server listens');
    await ingest.untilReady();
    return { ingest, port: port as number, operations: operations['port'] as number };
  };

  it('tells its settings with --help', async () => {
    const { code, stdout } = await startProgram({ main, args: ['--help'] }).ended;
    expect(code).toBe(0);
    for (const name of ['HOOKLINE_INGEST_PORT', 'HOOKLINE_SOURCES_FILE', 'HOOKLINE_KAFKA_BROKERS'])
      expect(stdout).toContain(name);
  });

  it('names every bad setting, and every problem of its sources, and exits with 2', async () => {
    const bad = ingestEnvironment({
      stack,
      topic,
      settings: { HOOKLINE_INGEST_PORT: 'http', HOOKLINE_TOPIC_PARTITIONS: '0' },
    });
    const settings = await startProgram({ main, env: bad }).ended;
    expect(settings.code).toBe(2);
    expect(settings.stderr).toContain('HOOKLINE_INGEST_PORT is "http"');
    expect(settings.stderr).toContain('HOOKLINE_TOPIC_PARTITIONS is "0"');

    const sources = [{ name: 'main', secrets: [{ label: 'a', secret: '' }], event: ['push'] }, { name: 'Other' }];
    const refused = await startProgram({ main, env: ingestEnvironment({ stack, topic, sources }) }).ended;
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('HOOKLINE_SOURCES: [0].event is not known');
    expect(refused.stderr).toContain('HOOKLINE_SOURCES: [0].secrets[0].secret is empty');
    expect(refused.stderr).toContain('HOOKLINE_SOURCES: [1].name is not lower-case letters');

    const unset = ingestEnvironment({ stack, topic, settings: { HOOKLINE_SOURCES: '' } });
    const none = await startProgram({ main, env: unset }).ended;
    expect(none.stderr).toContain('Set one of HOOKLINE_SOURCES_FILE and HOOKLINE_SOURCES');
  });

  it('says so and exits with 1 if its port is taken', async () => {
    const { port } = await start();
    const env = ingestEnvironment({ stack, topic, settings: { HOOKLINE_INGEST_PORT: String(port) } });
    const second = startProgram({ main, env });
    const { code, stdout } = await second.ended;
    expect(code).toBe(1);
    expect(stdout).toContain(`127.0.0.1:${port} is in use`);
    expect(stdout).not.toContain(SECRET);
  });

  it('reads its sources again on SIGHUP', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hookline-ingest-'));
    const file = join(folder, 'sources.json');
    const write = (secret: string) =>
      writeFile(file, JSON.stringify([{ name: 'main', secrets: [{ label: 'a', secret }] }]));
    await write('before');
    const { ingest, port } = await start({ HOOKLINE_SOURCES_FILE: file, HOOKLINE_SOURCES_POLL_MS: '3600000' });
    expect((await send({ port, ...signed('{}', {}, 'before') })).status).toBe(202);
    await write('after');
    expect((await send({ port, ...signed('{}', {}, 'after') })).status).toBe(401);
    ingest.signal('SIGHUP');
    await until(
      'the new secret holds',
      async () => (await send({ port, ...signed('{}', {}, 'after') })).status === 202,
    );
    expect((await send({ port, ...signed('{}', {}, 'before') })).status).toBe(401);
    await rm(folder, { recursive: true });
  });

  it('answers what is in flight when it is told to stop, and every 202 is in the log', async () => {
    // The body that is held back must outlast a slow machine, not race against the minimum rate.
    const { ingest, port, operations } = await start({
      HOOKLINE_INGEST_BODY_MIN_BYTES_PER_SECOND: '1',
      HOOKLINE_INGEST_BODY_MAX_MS: '60000',
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    const accepted: string[] = [];
    const outcomes = new Set<number | string>();
    let sending = true;
    let sent = 0;
    const client = async () => {
      while (sending) {
        const delivery = signed(`{"repository":{"id":${sent++}}}`, { 'x-github-delivery': randomUUID() });
        try {
          const { status } = await send({ port, agent, ...delivery });
          outcomes.add(status);
          if (status === 202) accepted.push(delivery.headers['x-github-delivery'] as string);
        } catch (error) {
          outcomes.add((error as NodeJS.ErrnoException).code ?? 'unknown');
        }
      }
    };
    const clients = Array.from({ length: 20 }, client);
    // One that is in the middle of its body, and two connections on which no request has begun, or has half begun.
    const half = signed('{"repository":{"id":77}}');
    const slow = open({ port, headers: { ...half.headers, 'content-length': String(half.body.length) } });
    slow.outgoing.write(half.body.slice(0, -1));
    const silent = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    for (const socket of silent) socket.on('error', () => undefined);
    silent[1]?.write('POST /webhooks/main HTTP/1.1\r\n');
    await until('deliveries flow', () => accepted.length > 200);

    ingest.signal('SIGTERM');
    await ingest.logged('draining: no new connections');
    expect((await fetch(`http://127.0.0.1:${operations}/readyz`)).status).toBe(503);
    slow.outgoing.end(half.body.slice(-1));
    expect((await slow.reply).status).toBe(202);
    accepted.push(half.headers['x-github-delivery'] as string);
    const { code, stdout } = await ingest.ended;
    sending = false;
    await Promise.all(clients);
    agent.destroy();
    for (const socket of silent) socket.destroy();

    expect(code).toBe(0);
    for (const line of stdout.split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
    // Nobody who was served was turned away: only those who came after it had stopped listening, or were not read yet.
    expect([...outcomes].filter((outcome) => ![202, 'ECONNREFUSED', 'ECONNRESET'].includes(outcome))).toEqual([]);
    const present = new Set((await readDeliveries(stack, topic)).map(({ delivery }) => delivery.guid));
    expect(accepted.filter((guid) => !present.has(guid))).toEqual([]);
  });
});
