import net from 'node:net';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { testStack, testTopic } from '@hookline/local-stack';
import { createLogger } from '@hookline/runtime';
import { until } from '@hookline/test-support';
import kafkajs from 'kafkajs';
import { silent } from '../testing/open-log.ts';
import { readLog } from '../testing/read-log.ts';
import { beginningWith, createKafka } from './create-kafka.ts';
import { logCreator, logLevelFor } from './log-creator.ts';
import { openSocket, ownedSockets } from './owned-sockets.ts';
import { calmRequestQueue } from './request-queue.ts';

const { DEBUG, ERROR, INFO, WARN } = kafkajs.logLevel;

describe('the bridge from the log of KafkaJS to ours', () => {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  const logger = createLogger({ service: 'test', level: 'trace', destination });
  const write = logCreator(logger)(INFO);

  function logged(level: kafkajs.logLevel, message: string, extra: object = {}) {
    lines.length = 0;
    const log = { timestamp: 'now', logger: 'kafkajs', stack: 'a stack', message, ...extra };
    write({ namespace: 'Connection', level, label: 'x', log });
    return lines[0];
  }

  it.each([
    [ERROR, 'Connection timeout', {}, 'warn'],
    [WARN, 'Limiting retries', {}, 'warn'],
    [INFO, 'Consumer has joined the group', {}, 'debug'],
    [DEBUG, 'Request Metadata', {}, 'trace'],
    [ERROR, 'Crash: KafkaJSError', {}, 'error'],
    [WARN, 'Response without match', {}, 'debug'],
    [ERROR, 'Response FindCoordinator', { error: 'The coordinator is loading and hence' }, 'debug'],
    [ERROR, 'Response Produce', { error: 'This server is not the leader for that topic-partition' }, 'debug'],
  ])('level %s, %j %j: %s', (level, message, extra, expected) => {
    expect(logged(level, message, extra)).toMatchObject({ level: expected, msg: message, kafkajs: 'Connection' });
  });

  it('keeps the fields that tell, without stack and without a second time', () => {
    const line = logged(ERROR, 'Connection timeout', { broker: 'one:9092' });
    expect(line).toMatchObject({ broker: 'one:9092' });
    expect(line).not.toHaveProperty('stack');
    expect(line).not.toHaveProperty('timestamp');
  });

  it('has KafkaJS format its debug lines only where somebody reads them', () => {
    expect(logLevelFor(logger)).toBe(DEBUG);
    expect(logLevelFor(createLogger({ service: 'test', level: 'debug', destination }))).toBe(INFO);
  });
});

describe('a client of ours', () => {
  it('writes zstd that it can read', async () => {
    const topic = await testTopic({ partitions: 1 });
    const connection = { brokers: (await testStack()).brokers, clientId: 'client-test' };
    const producer = createKafka(connection, silent).producer();
    await producer.connect();
    const value = 'compressible '.repeat(1_000);
    await producer.send({ topic, compression: kafkajs.CompressionTypes.ZSTD, messages: [{ value }] });
    await producer.disconnect();
    expect((await readLog(connection, topic)).get(0)).toEqual([{ offset: '0', value }]);
  });

  it('begins with another broker at each attempt', () => {
    const connection = { brokers: ['a:1', 'b:2', 'c:3'], clientId: 'x' };
    expect([0, 1, 2, 3].map((attempt) => beginningWith(connection, attempt).brokers.join())).toEqual([
      'a:1,b:2,c:3',
      'b:2,c:3,a:1',
      'c:3,a:1,b:2',
      'a:1,b:2,c:3',
    ]);
  });
});

describe('timers of the request queue', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('are none while no request waits: no negative delay, no timer each millisecond', async () => {
    const { brokers } = await testStack();
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const admin = createKafka({ brokers, clientId: 'client-test' }, silent).admin();
    await admin.connect();
    await admin.listTopics();
    expect(timers.mock.calls.filter(([, delay]) => (delay ?? 0) < 0)).toEqual([]);
    await admin.disconnect();
  });

  it('are as before where requests wait, since nothing else would send them after throttling', () => {
    class Queue {
      pending: number[] = [];
      scheduled = 0;
      scheduleCheckPendingRequests() {
        this.scheduled++;
      }
    }
    calmRequestQueue(() => Queue);
    calmRequestQueue(() => Queue);
    const queue = new Queue();
    queue.scheduleCheckPendingRequests();
    expect(queue.scheduled).toBe(0);
    queue.pending.push(1);
    queue.scheduleCheckPendingRequests();
    expect(queue.scheduled).toBe(1);
  });

  it('are left alone in a KafkaJS of another shape', () => {
    expect(() => calmRequestQueue(() => ({}))).not.toThrow();
    expect(() => calmRequestQueue(() => ({ prototype: {} }))).not.toThrow();
    const real = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { prototype: object };
    expect(real.prototype).toHaveProperty('scheduleCheckPendingRequests');
  });
});

describe('sockets that are owned', () => {
  it('are destroyed at once, what is under way included, and no more are opened', async () => {
    const accepted: net.Socket[] = [];
    const server = net.createServer((socket) => accepted.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    const owned = ownedSockets();
    const connected = Promise.withResolvers<void>();
    const socket = owned.socketFactory({ host: '127.0.0.1', port, ssl: null as never, onConnect: connected.resolve });
    const errors: Error[] = [];
    socket.on('error', (error) => errors.push(error));
    await connected.promise;
    owned.destroy();
    expect(socket.destroyed).toBe(true);
    await until('the peer notices', () => accepted[0]?.destroyed === true || accepted[0]?.readableEnded === true);
    expect(errors.map(({ message }) => message)).toEqual(['the client was abandoned']);
    expect(() => owned.socketFactory({ host: '127.0.0.1', port, ssl: null as never, onConnect() {} })).toThrow(
      'abandoned',
    );
    for (const each of accepted) each.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it('speak TLS where asked to, with the name of the host', async () => {
    for (const host of ['localhost', '127.0.0.1']) {
      const socket = openSocket({ host, port: 1, ssl: { rejectUnauthorized: true }, onConnect() {} });
      const failed = Promise.withResolvers<Error>();
      socket.on('error', failed.resolve);
      expect(await failed.promise).toMatchObject({ code: 'ECONNREFUSED' });
      expect(socket).toHaveProperty('encrypted', true);
    }
  });
});
