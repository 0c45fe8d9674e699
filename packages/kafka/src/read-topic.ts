import { randomUUID } from 'node:crypto';
import type { Logger } from '@hookline/runtime';
import { createKafka, type KafkaConnection } from './client/create-kafka.ts';
import type { ReadRecord } from './consume/partition-queue.ts';
import { withAdmin } from './topics/with-admin.ts';

/** Offsets by partition. */
export type PartitionOffsets = ReadonlyMap<number, bigint>;

/**
 * The offset of the next record of each partition of a topic.
 *
 * @throws {HooklineError} KAFKA_UNAVAILABLE
 */
export async function readTopicEnds(
  connection: KafkaConnection,
  logger: Logger,
  topic: string,
): Promise<Map<number, bigint>> {
  const offsets = await withAdmin(connection, logger, (admin) => admin.fetchTopicOffsets(topic));
  return new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]));
}

/**
 * Reads a stretch of a topic, for checks: every record from `from` up to, not including, `to`, partition by partition
 * in the order of their offsets. It disturbs nobody: it reads as a group of its own, which is removed afterwards.
 *
 * @param range.from where to begin; 0 for a partition that is not named
 * @param range.to where to stop, at most what `readTopicEnds` says
 * @throws when not all of it has come within `timeoutMs`, be it that it is there no longer
 */
export async function readTopic(
  connection: KafkaConnection,
  logger: Logger,
  range: { topic: string; from: PartitionOffsets; to: PartitionOffsets; timeoutMs: number },
): Promise<ReadRecord[]> {
  const stretch = collect(range.from, range.to);
  if (stretch.missing() === 0) return stretch.records();

  const groupId = `hookline-read-${randomUUID()}`;
  const consumer = createKafka(connection, logger).consumer({
    groupId,
    maxWaitTimeInMs: 100,
    allowAutoTopicCreation: false,
  });
  const complete = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    const seconds = range.timeoutMs / 1000;
    complete.reject(new Error(`${stretch.missing()} records of ${range.topic} have not come within ${seconds} s.`));
  }, range.timeoutMs);
  consumer.on(consumer.events.CRASH, ({ payload }) => complete.reject(payload.error));
  consumer.on(consumer.events.GROUP_JOIN, () => {
    // At once: what is fetched before a seek comes from the beginning of the topic.
    for (const [partition, offset] of stretch.begins) {
      consumer.seek({ topic: range.topic, partition, offset: offset.toString() });
    }
  });
  const read = async (): Promise<void> => {
    await consumer.connect();
    await consumer.subscribe({ topics: [range.topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch({ batch: { partition, messages } }) {
        for (const { offset, key, value, timestamp } of messages) {
          const record = { partition, offset: BigInt(offset), key, value };
          stretch.add({ ...record, time: Number(timestamp) });
        }
        if (stretch.missing() === 0) complete.resolve();
        return Promise.resolve();
      },
    });
    await complete.promise;
  };
  try {
    await Promise.race([read(), complete.promise]);
  } finally {
    clearTimeout(timer);
    await consumer.disconnect().catch(() => {});
    // A group that is left behind is empty, and Kafka forgets it by itself after a week.
    await withAdmin(connection, logger, (admin) => admin.deleteGroups([groupId])).catch(() => {});
  }
  return stretch.records();
}

/** Takes each record of a stretch once, and none outside it, wherever KafkaJS may jump to. */
function collect(from: PartitionOffsets, to: PartitionOffsets) {
  const begins = new Map([...to.keys()].map((partition) => [partition, from.get(partition) ?? 0n]));
  const found = new Map([...to.keys()].map((partition) => [partition, new Map<bigint, ReadRecord>()]));
  const length = (partition: number, end: bigint): number => Math.max(0, Number(end - (begins.get(partition) ?? 0n)));
  let missing = [...to].reduce((sum, [partition, end]) => sum + length(partition, end), 0);
  return {
    begins,
    missing: () => missing,
    add(record: ReadRecord): void {
      const { partition, offset } = record;
      const records = found.get(partition);
      if (
        !records ||
        records.has(offset) ||
        offset < (begins.get(partition) ?? 0n) ||
        offset >= (to.get(partition) ?? 0n)
      ) {
        return;
      }
      records.set(offset, record);
      missing -= 1;
    },
    /** In the order of partitions, then offsets. */
    records: () => [...found.values()].flatMap((records) => [...records.values()]).toSorted(byPlace),
  };
}

function byPlace(a: ReadRecord, b: ReadRecord): number {
  return a.partition - b.partition || Number(a.offset - b.offset);
}
