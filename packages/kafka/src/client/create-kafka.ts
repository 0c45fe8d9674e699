import type { Logger } from '@hookline/runtime';
import { Kafka, type KafkaConfig } from 'kafkajs';
import { brokerLog, tellingSockets } from './broker-log.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { kafkajsSasl } from './kafkajs-sasl.ts';
import { logCreator, logLevelFor } from './log-creator.ts';
import { openSocket } from './owned-sockets.ts';
import { calmRequestQueue } from './request-queue.ts';
import { kafkajsTls } from './kafkajs-tls.ts';
import { registerZstd } from './zstd.ts';

export type { KafkaConnection, OpenSocket } from './kafka-connection.ts';

/** A socket that does not open within this is given up; a broker in reach answers within milliseconds. */
const CONNECTION_TIMEOUT_MS = 3_000;

/** Longest wait for an answer, in milliseconds; fetches and joins add their own wait to it. */
export const REQUEST_TIMEOUT_MS = 10_000;

/**
 * A KafkaJS client with what all of Hookline needs: its log lines in ours, zstd, timeouts, and short retries.
 * It does not connect: producers, consumers and admins do, each with connections of its own.
 *
 * @param overrides KafkaJS settings that win over ours, such as the `socketFactory` of a test
 */
export function createKafka(connection: KafkaConnection, logger: Logger, overrides: Partial<KafkaConfig> = {}): Kafka {
  registerZstd();
  calmRequestQueue();
  return new Kafka({
    brokers: connection.brokers,
    clientId: connection.clientId,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 },
    logLevel: logLevelFor(logger),
    logCreator: logCreator(logger),
    ...(connection.tls && { ssl: kafkajsTls(connection.tls) }),
    ...(connection.sasl && { sasl: kafkajsSasl(connection.sasl) }),
    ...overrides,
    socketFactory: tellingSockets(overrides.socketFactory ?? connection.openSocket ?? openSocket, brokerLog(logger)),
  });
}

/**
 * The same connection with its brokers in another order. A KafkaJS client always begins with the first one, and one
 * that hangs would keep every new client from all the others: begin with the next at each attempt.
 */
export function beginningWith(connection: KafkaConnection, attempt: number): KafkaConnection {
  const turn = attempt % connection.brokers.length;
  return { ...connection, brokers: [...connection.brokers.slice(turn), ...connection.brokers.slice(0, turn)] };
}
