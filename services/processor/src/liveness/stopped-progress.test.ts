import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createKafka, createLogConsumer, type LogConsumer, type OwnedPartition } from '@hookline/kafka';
import { testStack, testTopic, type StackAddresses } from '@hookline/local-stack';
import { createLogger, createMetrics, systemClock } from '@hookline/runtime';
import { aDelivery, appendDeliveries, until } from '@hookline/test-support';
import { randomUUID } from 'node:crypto';
import net, { type Socket } from 'node:net';
import { createProcessorEvents } from '../events.ts';
import { createLiveness } from './create-liveness.ts';

const PERIOD_MS = 50;
const STUCK_MS = 2000;
const logger = createLogger({ service: 'test', level: 'silent' });
let stack: StackAddresses;
let timer: NodeJS.Timeout;
let consumer: LogConsumer | undefined;
const sockets: Socket[] = [];

beforeAll(async () => {
  stack = await testStack();
});

afterEach(async () => {
  clearInterval(timer);
  for (const socket of sockets.splice(0)) socket.destroy();
  await consumer?.stop();
});

/** A member of a group with one partition, watched as a processor watches itself. */
async function member(work: (owned: OwnedPartition) => Promise<void>) {
  const topic = await testTopic({ partitions: 1 });
  const liveness = createLiveness({
    clock: systemClock,
    periodMs: PERIOD_MS,
    stuckMs: STUCK_MS,
    fetchLoop: () => reader.fetchLoop(),
  });
  const reader = createLogConsumer({
    kafka: createKafka({ brokers: stack.brokers, clientId: 'test' }, logger, {
      // As when the clock is set back: KafkaJS measures its timeouts by the time of day.
      enforceRequestTimeout: false,
      socketFactory({ host, port, onConnect }) {
        const socket = net.connect({ host, port, noDelay: true }, onConnect);
        sockets.push(socket);
        return socket;
      },
    }),
    topic,
    groupId: randomUUID(),
    sessionTimeoutMs: 6000,
    heartbeatIntervalMs: 500,
    maxWaitMs: 50,
    maxBytesPerPartition: 256 * 1024,
    queueLimits: { records: 10, bytes: 1_000_000 },
    totalLimits: { records: 10, bytes: 1_000_000 },
    retryMs: 50,
    takeOver: () => Promise.resolve({ from: 0n }),
    work: (owned) =>
      liveness.watch(owned, async (watched) => {
        await work(watched);
        return 'CLOSED' as const;
      }),
    events: createProcessorEvents(logger, createMetrics({ service: 'test' }), systemClock),
  });
  consumer = reader;
  timer = setInterval(liveness.tick, PERIOD_MS);
  reader.start();
  const append = (count: number) =>
    appendDeliveries(
      stack,
      { topic, partitions: 1 },
      Array.from({ length: count }, () => aDelivery()),
    );
  return { liveness, reader, append };
}

/** Looks for longer than a stop would need to be seen. */
async function staysAlive(probe: () => true | string): Promise<void> {
  const from = performance.now();
  await until('the time is over', () => {
    expect(probe()).toBe(true);
    return performance.now() - from > 1.5 * STUCK_MS;
  });
}

describe('liveness over a real log', () => {
  it('holds while there is nothing to read, and fails when the fetch loop stands still for good', async () => {
    const seen: bigint[] = [];
    const { liveness, reader, append } = await member(async ({ take }) => {
      for (
        let read = await take({ records: 5, bytes: 1e6 });
        read.length > 0;
        read = await take({ records: 5, bytes: 1e6 })
      ) {
        seen.push(...read.map(({ offset }) => offset));
      }
    });
    await append(20);
    await until('all records', () => seen.length === 20);
    await staysAlive(liveness.probe);
    for (const socket of sockets) socket.pause();
    await until('the failure', () => liveness.probe() !== true, 20_000);
    expect(liveness.probe()).toContain('The log has not been read for');
    // That is why liveness is needed: nothing else has noticed.
    expect(reader.readiness()).toBe(true);
  });

  it('fails when the work on a partition never settles, though its full queue has stopped the loop', async () => {
    const taken = Promise.withResolvers<void>();
    const never = new Promise<void>(() => {});
    const { liveness, append } = await member(async ({ take, signal }) => {
      await take({ records: 5, bytes: 1e6 });
      taken.resolve();
      await Promise.race([never, new Promise((resolve) => signal.addEventListener('abort', resolve))]);
    });
    await staysAlive(liveness.probe);
    await append(50);
    await taken.promise;
    expect(liveness.probe()).toBe(true);
    await until('the failure', () => liveness.probe() !== true, 20_000);
    expect(liveness.probe()).toContain('Partition 0 has records in hand');
  });
});
