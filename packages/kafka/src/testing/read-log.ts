import type { Kafka } from 'kafkajs';

/** Kafka's topic as it is: the values of each partition's records by offset, from its start to its end. */
export async function readLog(kafka: Kafka, topic: string): Promise<Map<number, { offset: string; value: string }[]>> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const found = new Map(ends.map(({ partition }) => [partition, [] as { offset: string; value: string }[]]));
  let missing = ends.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
  if (missing === 0) return found;

  const consumer = kafka.consumer({ groupId: `read-log.${topic}.${process.hrtime.bigint()}`, maxWaitTimeInMs: 100 });
  const done = Promise.withResolvers<void>();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    async eachMessage({ partition, message }) {
      found.get(partition)?.push({ offset: message.offset, value: String(message.value) });
      if (--missing === 0) done.resolve();
    },
  });
  await done.promise;
  await consumer.disconnect();
  return found;
}
