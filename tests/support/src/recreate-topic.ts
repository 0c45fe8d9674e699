import { DEFAULT_RETENTION_MS } from '@hookline/contracts';
import { createDeliveriesTopic, createKafka } from '@hookline/kafka';
import { createLogger } from '@hookline/runtime';
import { askEachBroker } from './ask-each-broker.ts';
import { until } from './until.ts';

const logger = createLogger({ service: 'recreate-topic', level: 'silent' });

/** Deletes a topic and creates it again under the same name: an empty log whose offsets begin at 0. */
export async function recreateTopic(
  brokers: string[],
  { topic, partitions }: { topic: string; partitions: number },
): Promise<void> {
  await deleteTopic(brokers, topic);
  const settings = { topic, partitions, replicationFactor: 1, minInSyncReplicas: 1, retentionMs: DEFAULT_RETENTION_MS };
  await createDeliveriesTopic({ brokers, clientId: 'recreate-topic' }, logger, settings);
}

/** Deletes a topic, and resolves when each of its brokers takes nothing more for it. */
export async function deleteTopic(brokers: string[], topic: string): Promise<void> {
  const admin = createKafka({ brokers, clientId: 'recreate-topic' }, logger).admin();
  await admin.connect();
  try {
    await admin.deleteTopics({ topics: [topic] });
  } finally {
    await admin.disconnect();
  }
  await until('every broker to know that the topic is gone', async () => {
    const known = await askEachBroker(brokers, (each) => each.listTopics());
    return known.every((topics) => !topics.includes(topic));
  });
}
