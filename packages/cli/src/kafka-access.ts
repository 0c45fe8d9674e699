import type { KafkaConnection } from '@hookline/kafka';
import { createLogger, type Logger } from '@hookline/runtime';

/** How a command reaches Kafka, by its settings. */
export function connectionOf(config: { kafkaBrokers: string[]; kafkaClientId: string }): KafkaConnection {
  return { brokers: config.kafkaBrokers, clientId: config.kafkaClientId };
}

/** For what logs: the services' logger writes to stdout, which belongs to a command's data. */
export function silentLogger(): Logger {
  return createLogger({ service: 'hookline', level: 'silent' });
}
