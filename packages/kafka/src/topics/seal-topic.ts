import { isSealed, SEALED_MESSAGE_BYTES } from '@hookline/contracts';
import type { Logger } from '@hookline/runtime';
import kafkajs, { type Admin } from 'kafkajs';
import type { KafkaConnection } from '../client/create-kafka.ts';
import { openSocket } from '../client/owned-sockets.ts';
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
    const entries = await describe(admin, topic);
    if (isSealed(entries.find(({ configName }) => configName === LIMIT)?.configValue)) return;
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
      const knows = await withAdmin(only, logger, async (admin) => {
        const entries = await describe(admin, topic);
        return isSealed(entries.find(({ configName }) => configName === LIMIT)?.configValue);
      }).catch(() => false);
      return knows ? [] : [`${host}:${port}`];
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
  const entries = await withAdmin(connection, logger, (admin) => describe(admin, topic));
  return Number(entries.find(({ configName }) => configName === LIMIT)?.configValue);
}

async function describe(admin: Admin, topic: string) {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
  });
  return resources.flatMap(({ configEntries }) => configEntries);
}
