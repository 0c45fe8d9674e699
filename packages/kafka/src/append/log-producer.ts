import type { Logger } from '@hookline/runtime';
import kafkajs, { type ISocketFactory, type Message, type RecordMetadata } from 'kafkajs';
import { createKafka, type KafkaConnection } from '../client/create-kafka.ts';
import { openSocket, ownedSockets } from '../client/owned-sockets.ts';
import { within } from './within.ts';

/** One KafkaJS producer for one topic, thrown away after the first failure. */
export interface LogProducer {
  /** One send, connecting first where need be. Rejects after the timeout too; the records may be in the log then. */
  send(messages: Message[], timeoutMs: number): Promise<RecordMetadata[]>;
  /** Gets rid of it at once, with what it has under way. */
  abandon(): void;
  /** Disconnects, or abandons it where that takes too long. Never rejects. */
  close(): Promise<void>;
}

export interface LogProducerSettings {
  connection: KafkaConnection;
  topic: string;
  /** How long Kafka may wait for replicas, and we for a connection, in milliseconds. */
  sendTimeoutMs: number;
  /** No request is of use to anybody after this, in milliseconds. */
  deadlineMs: number;
}

/**
 * - acks=all, and not idempotent: after a failed send KafkaJS's idempotent producer reuses its sequence numbers, and the
 *   broker takes the next send for the failed one's duplicate: acknowledged, and lost. Our inbox deduplicates.
 * - no retries inside: a retry of KafkaJS skips brokers that answered before, even for partitions that have moved
 *   since (tulios/kafkajs#1798), and resolves without having sent them.
 * - metadata that never expire: refreshing them fails while a single partition of the topic has no leader.
 */
export function createLogProducer(
  { connection, topic, sendTimeoutMs, deadlineMs }: LogProducerSettings,
  logger: Logger,
  open: ISocketFactory = openSocket,
): LogProducer {
  const { socketFactory, destroy } = ownedSockets(open);
  const producer = createKafka(connection, logger, {
    socketFactory,
    connectionTimeout: sendTimeoutMs,
    requestTimeout: deadlineMs,
    retry: { retries: 0 },
  }).producer({
    idempotent: false,
    allowAutoTopicCreation: false,
    metadataMaxAge: Number.POSITIVE_INFINITY,
    createPartitioner: () => partitionOfMessage,
  });
  let connected: Promise<void> | undefined;

  async function connectAndSend(messages: Message[]): Promise<RecordMetadata[]> {
    connected ??= producer.connect();
    await connected;
    return await producer.send({
      topic,
      messages,
      acks: -1,
      timeout: sendTimeoutMs,
      compression: kafkajs.CompressionTypes.ZSTD,
    });
  }

  return {
    send: (messages, timeoutMs) => within(timeoutMs, `no answer within ${timeoutMs} ms`, connectAndSend(messages)),
    abandon: destroy,
    async close() {
      try {
        await within(sendTimeoutMs, 'disconnecting took too long', producer.disconnect());
      } catch (error) {
        logger.debug({ err: error }, 'a producer could not be disconnected');
      }
      destroy();
    },
  };
}

/** For `createPartitioner`: every message says where it goes. */
export function partitionOfMessage({ message }: { message: Message }): number {
  return message.partition as number;
}
