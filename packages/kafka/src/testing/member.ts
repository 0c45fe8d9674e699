import { expect } from '@jest/globals';
import type { StackAddresses } from '@hookline/local-stack';
import { aDelivery, appendDeliveries } from '@hookline/test-support';
import type { Kafka } from 'kafkajs';
import { createKafka } from '../client/create-kafka.ts';
import type { OwnedPartition, Taken, WorkEnd } from '../consume/assignments.ts';
import { createLogConsumer, type LogConsumerOptions } from '../consume/log-consumer.ts';
import type { ReadRecord } from '../consume/partition-queue.ts';
import { silent } from './open-log.ts';

export type MemberEvents = LogConsumerOptions<Taken>['events'];

/** What is other than usual; `told` is called with each event before it is noted, and may throw. */
export type MemberChanges = Partial<Omit<LogConsumerOptions<Taken>, 'events'>> & {
  kafka?: Kafka;
  told?: Partial<MemberEvents>;
};

/** A member that starts each partition where `next` says and moves `next` on, as the database would. */
export function createMember(
  { brokers }: Pick<StackAddresses, 'brokers'>,
  topic: string,
  groupId: string,
  { told = {}, ...options }: MemberChanges = {},
) {
  const seen: ReadRecord[] = [];
  const events: [string, ...unknown[]][] = [];
  const next = new Map<number, bigint>();
  const note =
    (name: keyof MemberEvents) =>
    (...args: unknown[]) => {
      events.push([name, ...args]);
      (told[name] as ((...args: unknown[]) => void) | undefined)?.(...args);
    };
  const consumer = createLogConsumer({
    kafka: createKafka({ brokers, clientId: 'test' }, silent),
    topic,
    groupId,
    sessionTimeoutMs: 3000,
    heartbeatIntervalMs: 300,
    maxWaitMs: 50,
    maxBytesPerPartition: 256 * 1024,
    queueLimits: { records: 50, bytes: 1_000_000 },
    totalLimits: { records: 1000, bytes: 10_000_000 },
    retryMs: 20,
    takeOver: (partition) => Promise.resolve({ from: next.get(partition) ?? 0n }),
    async work(owned: OwnedPartition): Promise<WorkEnd> {
      for (;;) {
        const records = await owned.take({ records: 10, bytes: 1_000_000 });
        if (records.length === 0) return 'CLOSED';
        seen.push(...records);
        next.set(owned.partition, (records.at(-1) as ReadRecord).offset + 1n);
      }
    },
    events: {
      joined: note('joined'),
      fetched: note('fetched'),
      clientLost: note('clientLost'),
      takeOverFailed: note('takeOverFailed'),
      owned: note('owned'),
      misplaced: note('misplaced'),
      workCrashed: note('workCrashed'),
    },
    ...options,
  });
  const count = (name: keyof MemberEvents) => events.filter(([at]) => at === name).length;
  return { consumer, seen, events, next, count };
}

/** Appends deliveries of twenty repositories. */
export async function writeDeliveries(
  stack: StackAddresses,
  where: { topic: string; partitions: number },
  count: number,
): Promise<void> {
  const deliveries = Array.from({ length: count }, (_, i) => aDelivery({ repository: i % 20 }));
  await appendDeliveries(stack, where, deliveries);
}

/** Every record of each partition from its first on, once and in order. */
export function expectContiguous(seen: readonly ReadRecord[]): void {
  for (const records of Map.groupBy(seen, ({ partition }) => partition).values()) {
    expect(records.map(({ offset }) => offset)).toEqual(records.map((_, i) => BigInt(i)));
  }
}
