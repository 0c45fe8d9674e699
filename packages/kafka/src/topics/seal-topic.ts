import { isSealed, SEALED_MESSAGE_BYTES } from '@hookline/contracts';
import type { Logger } from '@hookline/runtime';
import kafkajs, { type ConfigEntries } from 'kafkajs';
import type { KafkaConnection } from '../client/create-kafka.ts';
import { openSocket } from '../client/owned-sockets.ts';
import { topicConfigOf } from './topic-config.ts';
import { withAdmin } from './with-admin.ts';

const LIMIT = 'max.message.bytes';

/**
 * Has Kafka refuse every append to a topic but end marks. Safe to repeat. A broker applies it a little later: see
 * `readUnsealedBrokers`, and `endPartitions`.
 *
 * @throws {HooklineError} KAFKA_UNAVAILABLE; what KafkaJS throws where the topic does not exist
 */
export async function sealTopic(connection: KafkaConnection, logger: Logger, topic: string): Promise<void> {
  await withAdmin(connection, logger, async (admin) => {
    const entries = await topicConfigOf(admin, topic);
    if (isSealed(limitIn(entries))) return;
    // The request sets all that a topic has of its own, and takes away what is not named.
    const own = entries.filter(({ configSource }) => configSource === kafkajs.ConfigSource.TOPIC_CONFIG);
    const configEntries = [
      ...own
        .filter(({ configName }) => configName !== LIMIT)
        .map(({ configName, configValue }) => ({ name: configName, value: configValue })),
      { name: LIMIT, value: String(SEALED_MESSAGE_BYTES) },
    ];
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }],
    });
  });
}

/**
 * The brokers, as `host:port`, that do not know yet that a topic is sealed. Each is asked by itself. One that is away
 * counts while Kafka lists it; one that Kafka has given up catches up before it can lead a partition again.
 *
 * @throws {HooklineError} KAFKA_UNAVAILABLE
 */
export async function readUnsealedBrokers(
  connection: KafkaConnection,
  logger: Logger,
  topic: string,
): Promise<string[]> {
  const { brokers } = await withAdmin(connection, logger, (admin) => admin.describeCluster());
  const open = connection.openSocket ?? openSocket;
  const unsealed = await Promise.all(
    brokers.map(async ({ host, port }) => {
      const only: KafkaConnection = {
        ...connection,
        brokers: [`${host}:${port}`],
        // KafkaJS asks whichever broker it likes: all of its ways lead to this one.
        openSocket: (to) => open({ ...to, host, port }),
      };
      const limit = await readLimit(only, logger, topic).catch(() => undefined);
      return isSealed(limit) ? [] : [`${host}:${port}`];
    }),
  );
  return unsealed.flat();
}

/**
 * What Kafka says to be the largest batch of a topic, in bytes.
 *
 * @throws {HooklineError} KAFKA_UNAVAILABLE
 */
export async function readBatchLimit(connection: KafkaConnection, logger: Logger, topic: string): Promise<number> {
  return Number(await readLimit(connection, logger, topic));
}

async function readLimit(connection: KafkaConnection, logger: Logger, topic: string): Promise<string | undefined> {
  return limitIn(await withAdmin(connection, logger, (admin) => topicConfigOf(admin, topic, [LIMIT])));
}

function limitIn(entries: readonly ConfigEntries[]): string | undefined {
  return entries.find(({ configName }) => configName === LIMIT)?.configValue;
}
