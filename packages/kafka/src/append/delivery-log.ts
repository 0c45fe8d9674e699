import type { KafkaConnection } from '../client/create-kafka.ts';

/** One record for the log. Its partition is computed by us (contracts' `partitionOf`), never by a client library. */
export interface LogRecord {
  key: string;
  partition: number;
  value: Buffer;
  headers: Record<string, string>;
}

/**
 * What became of an append.
 * - `UNAVAILABLE`: not acknowledged within the deadline, or refused by Kafka; it may be in the log nevertheless
 * - `OVERLOADED`: too many bytes wait already; it was not taken in
 * - `TOO_LARGE`: Kafka refuses a record of this size; it is not in the log
 * - `SEALED`: its partition takes nothing any more, since its topic generation has ended; it may be in the log where it went
 *   before with records of other partitions, and is a duplicate in the next one then
 * - `STOPPING`: the process is being stopped; it may be in the log if it had been waiting
 */
export type AppendResult =
  | { success: true; partition: number; offset: string }
  | { success: false; reason: AppendFailure; detail: string };

export type AppendFailure = 'UNAVAILABLE' | 'OVERLOADED' | 'TOO_LARGE' | 'SEALED' | 'STOPPING';

/**
 * The writer of the log. Success means that all in-sync replicas have the record. Records of one partition are
 * appended in the order of their calls; after a failure some may be there twice, which identities make harmless.
 */
export interface DeliveryLog {
  /** Begins to connect, in the background and for ever: Kafka need not be there. */
  start(): Promise<void>;
  /** Settles within the deadline, whatever Kafka does. Rejects only on a partition that the topic does not have. */
  append(record: LogRecord): Promise<AppendResult>;
  /** Refuses new records, waits for those taken in, within `drainTimeoutMs`, and disconnects. */
  stop(): Promise<void>;
  /** True, or why appends will most likely fail. */
  readiness(): true | string;
}

export interface DeliveryLogSettings {
  connection: KafkaConnection;
  topic: string;
  /** The recorded count. Where Kafka says otherwise every append is refused. */
  partitions: number;
  /** From `append()` to its answer, in milliseconds. GitHub gives up after 10 s. */
  deadlineMs: number;
  /** One send is abandoned after this, and 200 ms a megabyte; well under the deadline, so that another try fits. */
  sendTimeoutMs: number;
  /** Bytes that may wait or be on their way; beyond it appends are refused at once. */
  maxQueuedBytes: number;
  /** A larger record goes alone, by a connection of its own, so that it does not delay the others of its broker. */
  largeRecordBytes: number;
  /** Most that one send takes, over all its partitions. */
  maxSendBytes: number;
  maxSendRecords: number;
  /** Most that one send takes of one partition. */
  maxPartitionBytes: number;
  maxPartitionRecords: number;
  /** How often leaders and partition count are looked up when nothing fails. */
  metadataRefreshMs: number;
  /** How long `stop()` waits for records taken in. */
  drainTimeoutMs: number;
}

const MIB = 1024 * 1024;

export const DELIVERY_LOG_DEFAULTS = {
  deadlineMs: 8_000,
  sendTimeoutMs: 2_500,
  maxQueuedBytes: 64 * MIB,
  largeRecordBytes: 1 * MIB,
  maxSendBytes: 2 * MIB,
  maxSendRecords: 1_000,
  maxPartitionBytes: 1 * MIB,
  maxPartitionRecords: 200,
  metadataRefreshMs: 30_000,
  drainTimeoutMs: 10_000,
} as const satisfies Partial<DeliveryLogSettings>;
