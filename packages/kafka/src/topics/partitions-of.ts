import type { Admin, PartitionMetadata } from 'kafkajs';

/** The partitions of a topic, or null where it does not exist. */
export async function partitionsOf(admin: Admin, topic: string): Promise<PartitionMetadata[] | null> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions ?? null;
  } catch (error) {
    if ((error as { type?: string }).type === 'UNKNOWN_TOPIC_OR_PARTITION') return null;
    throw error;
  }
}
