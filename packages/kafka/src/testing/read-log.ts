import type { Kafka } from 'kafkajs';

/** Kafka's topic as it is: the values of each partition's records by offset, from its start to its end. */
export async function readLog(kafka: Kafka, topic: string): Promise<Map<number, { offset: string; value: string }[]>> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const found = new Map(ends.map(({ partition }) => [partition, [] as { offset: string; value: string }[]]));
  const missing = new Map(
    ends.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, BigInt(high)]),
  );
  if (missing.size === 0) return found;

  const consumer = kafka.consumer({ groupId: `read-log.${topic}.${process.hrtime.bigint()}`, maxWaitTimeInMs: 100 });
  const done = Promise.withResolvers<void>();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    async eachMessage({ partition, message }) {
      found.get(partition)?.push({ offset: message.offset, value: message.value?.toString() ?? '' });
      if (BigInt(message.offset) + 1n >= (missing.get(partition) ?? 0n)) missing.delete(partition);
      if (missing.size === 0) done.resolve();
    },
  });
  await done.promise;
  await consumer.disconnect();
  return found;
}
