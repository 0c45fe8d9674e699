import { createKafka } from '@hookline/kafka';
import { createLogger } from '@hookline/runtime';

const logger = createLogger({ service: 'delete-records', level: 'silent' });

/** Removes what a partition has below an offset, as retention does: its log begins there then. */
export async function deleteRecords(
  brokers: string[],
  { topic, partition, before }: { topic: string; partition: number; before: bigint },
): Promise<void> {
  const admin = createKafka({ brokers, clientId: 'delete-records' }, logger).admin();
  await admin.connect();
  try {
    // Without this KafkaJS does not know who leads the partition, and gives up.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] });
  } finally {
    await admin.disconnect();
  }
}
