import { until } from '@hookline/test-support';
import type { Admin, Kafka } from 'kafkajs';
import { createKafka, type KafkaConnection } from '../client/create-kafka.ts';
import { silent } from './open-log.ts';

/** Creates a topic whose partitions have these replicas; the first of each is its leader. */
export async function createTopicOn(kafka: Kafka, topic: string, replicas: number[][]): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    const replicaAssignment = replicas.map((brokers, partition) => ({ partition, replicas: brokers }));
    await admin.createTopics({ topics: [{ topic, replicaAssignment }] });
    await untilLeaders(
      admin,
      topic,
      replicas.map(([leader]) => leader),
    );
  });
}

/** Gives a partition to other replicas and waits until the first of them leads it. */
export async function moveLeader(kafka: Kafka, topic: string, partition: number, replicas: number[]): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    await admin.alterPartitionReassignments({
      topics: [{ topic, partitionAssignment: [{ partition, replicas }] }],
    });
    await until('the leader has moved', async () => (await leadersOf(admin, topic))[partition] === replicas[0]);
  });
}

/** A signal to freeze returns before every thread of the broker stands still. */
export async function untilFrozen(connection: KafkaConnection): Promise<void> {
  await until('the broker is frozen', async () => {
    const settings = { connectionTimeout: 300, requestTimeout: 300, retry: { retries: 0 } };
    const admin = createKafka(connection, silent, settings).admin();
    const answered = await admin.connect().then(
      () => true,
      () => false,
    );
    await admin.disconnect();
    return !answered;
  });
}

async function untilLeaders(admin: Admin, topic: string, leaders: (number | undefined)[]): Promise<void> {
  await until('partitions have their leaders', async () => String(await leadersOf(admin, topic)) === String(leaders));
}

async function leadersOf(admin: Admin, topic: string): Promise<number[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const partitions = topics.flatMap((found) => found.partitions);
  return partitions.sort((one, other) => one.partitionId - other.partitionId).map(({ leader }) => leader);
}

async function withAdmin(kafka: Kafka, work: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.disconnect();
  }
}
