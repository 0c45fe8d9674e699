import net from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { testStack } from '@hookline/local-stack';
import { createLogger } from '@hookline/runtime';
import kafkajs, { type ISocketFactory } from 'kafkajs';
import { brokerLog, createBrokerLog } from './broker-log.ts';
import { REPEAT_MS } from './broker-trouble.ts';
import { createKafka } from './create-kafka.ts';
import { logCreator } from './log-creator.ts';
import { openSocket } from './owned-sockets.ts';

type Line = Record<string, unknown>;

function capture() {
  const lines: Line[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Line) };
  const told = () => lines.filter(({ level }) => level !== 'debug');
  return { lines, told, logger: createLogger({ service: 'test', level: 'debug', destination }) };
}

describe('a broker that is away', () => {
  // Clients try several times a second, and each of KafkaJS's tries is two lines.
  it('is told of once by all clients of a log, and once when it is back', async () => {
    const [broker = ''] = (await testStack()).brokers;
    let port: number | null = await deadPort();
    const open: ISocketFactory = (args) => openSocket(port === null ? args : { ...args, host: '127.0.0.1', port });
    const { lines, told, logger } = capture();
    const connection = { brokers: [broker], clientId: 'test', openSocket: open };
    const clients = Array.from({ length: 3 }, () => createKafka(connection, logger, { retry: { retries: 2 } }).admin());
    const all = await Promise.allSettled(clients.map((client) => client.connect()));
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(lines.filter(({ msg }) => String(msg).startsWith('Connection error')).length).toBeGreaterThan(5);
    expect(told()).toEqual([
      expect.objectContaining({
        level: 'warn',
        broker,
        msg: expect.stringMatching(/^Connection error: .*ECONNREFUSED/),
      }),
    ]);
    const failures = lines.filter(({ level, times }) => level === 'debug' && times !== undefined).length + 1;
    port = null;
    await Promise.all(clients.map((client) => client.connect()));
    await Promise.all(clients.map((client) => client.disconnect()));
    expect(told().slice(1)).toEqual([
      expect.objectContaining({ level: 'info', broker, times: failures, msg: 'connected to the broker again' }),
    ]);
  });

  it('is told of with the number of failures while that lasts, each broker for itself', () => {
    const { told, logger } = capture();
    let now = 1000;
    const log = createBrokerLog(logger, () => now);
    for (; now < 1000 + REPEAT_MS; now += 1000) {
      log.failed('Connection a:1', { broker: 'a:1' }, 'Connection timeout');
      if (now < 3000) log.failed('Connection b:1', { broker: 'b:1' }, 'Connection timeout');
    }
    log.connected('b:1');
    log.failed('Connection a:1', { broker: 'a:1' }, 'Connection timeout');
    log.connected('c:1');
    expect(told().map(({ level, broker, times, forMs }) => [level, broker, times, forMs])).toEqual([
      ['warn', 'a:1', undefined, undefined],
      ['warn', 'b:1', undefined, undefined],
      ['info', 'b:1', 2, REPEAT_MS],
      ['warn', 'a:1', 61, REPEAT_MS],
    ]);
  });

  it('is the same for every client that has the logger', () => {
    const { logger } = capture();
    expect(brokerLog(logger)).toBe(brokerLog(logger));
    expect(brokerLog(logger)).not.toBe(brokerLog(capture().logger));
  });
});

describe('what KafkaJS says of brokers', () => {
  const { ERROR } = kafkajs.logLevel;

  it.each([
    ['SaslAuthenticator-PLAIN', 'SASL PLAIN authentication failed: no', { broker: 'a:1' }],
    ['BrokerPool', 'Failed to connect to seed broker, trying another broker from the list: Closed connection', {}],
  ])('is told once, of %s: %s', (namespace, message, fields) => {
    const { told, logger } = capture();
    const write = logCreator(logger)(ERROR);
    for (let i = 0; i < 5; i++)
      write({ namespace, level: ERROR, label: '', log: { timestamp: '', message, ...fields } });
    expect(told()).toHaveLength(1);
  });

  it('is told each time where it is about a request', () => {
    const { told, logger } = capture();
    const write = logCreator(logger)(ERROR);
    const log = { timestamp: '', message: 'Response Produce', broker: 'a:1', error: 'The disk is full' };
    for (let i = 0; i < 3; i++) write({ namespace: 'Connection', level: ERROR, label: '', log });
    expect(told()).toHaveLength(3);
  });
});

async function deadPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
