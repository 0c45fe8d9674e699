import { DEFAULT_RETENTION_MS } from '@hookline/contracts';
import { createDeliveriesTopic, createKafka } from '@hookline/kafka';
import { createLogger } from '@hookline/runtime';
import { until } from './until.ts';

const logger = createLogger({ service: 'recreate-topic', level: 'silent' });

/** Deletes a topic and creates it again under the same name: an empty log whose offsets begin at 0. */
export async function recreateTopic(
  brokers: string[],
  { topic, partitions }: { topic: string; partitions: number },
): Promise<void> {
  const admin = createKafka({ brokers, clientId: 'recreate-topic' }, logger).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await until('the topic to be gone', async () => !(await admin.listTopics()).includes(topic));
  await admin.disconnect();
  const settings = { topic, partitions, replicationFactor: 1, minInSyncReplicas: 1, retentionMs: DEFAULT_RETENTION_MS };
  await createDeliveriesTopic({ brokers, clientId: 'recreate-topic' }, logger, settings);
}
