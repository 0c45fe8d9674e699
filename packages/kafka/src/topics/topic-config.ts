import kafkajs, { type Admin, type ConfigEntries } from 'kafkajs';

/**
 * The settings of a topic as they are now, with where each comes from: those that are named, or all.
 *
 * @throws what KafkaJS throws where the topic does not exist
 */
export async function topicConfigOf(admin: Admin, topic: string, names?: string[]): Promise<ConfigEntries[]> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, ...(names && { configNames: names }) }],
  });
  return resources.flatMap(({ configEntries }) => configEntries);
}
