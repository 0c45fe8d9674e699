import { askEachBroker, until } from '@hookline/test-support';
import { createKafka, type KafkaConnection } from '../client/create-kafka.ts';
import { withAdmin } from '../topics/with-admin.ts';
import { silent } from './open-log.ts';

/** Creates a topic whose partitions have these replicas; the first of each is its leader, and every broker knows. */
export async function createTopicOn(connection: KafkaConnection, topic: string, replicas: number[][]): Promise<void> {
  await withAdmin(connection, silent, async (admin) => {
    const replicaAssignment = replicas.map((brokers, partition) => ({ partition, replicas: brokers }));
    await admin.createTopics({ topics: [{ topic, replicaAssignment }] });
  });
  const wanted = String(replicas.map(([leader]) => leader));
  await until('partitions have their leaders', async () => {
    const known = await leadersOf(connection, topic);
    return known.every((leaders) => String(leaders) === wanted);
  });
}

/** Gives a partition to other replicas; the first of them leads it then, and every broker knows. */
export async function moveLeader(
  connection: KafkaConnection,
  topic: string,
  partition: number,
  replicas: number[],
): Promise<void> {
  await withAdmin(connection, silent, async (admin) => {
    await admin.alterPartitionReassignments({
      topics: [{ topic, partitionAssignment: [{ partition, replicas }] }],
    });
  });
  await until('the leader has moved', async () => {
    const known = await leadersOf(connection, topic);
    return known.every((leaders) => leaders[partition] === replicas[0]);
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

/** The leaders of a topic's partitions, as each broker knows them; a broker may not have heard of the topic yet. */
function leadersOf({ brokers }: KafkaConnection, topic: string): Promise<number[][]> {
  return askEachBroker(brokers, async (admin) => {
    if (!(await admin.listTopics()).includes(topic)) return [];
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const partitions = topics.flatMap((found) => found.partitions);
    return partitions.sort((one, other) => one.partitionId - other.partitionId).map(({ leader }) => leader);
  });
}
