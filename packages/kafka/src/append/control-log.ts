import { setTimeout as delay } from 'node:timers/promises';
import { HooklineError, type Logger } from '@hookline/runtime';
import { beginningWith, type KafkaConnection } from '../client/create-kafka.ts';
import { missingTopicProblem, partitionCountProblem } from '../topics/check-topic.ts';
import { countPartitions } from '../topics/count-partitions.ts';
import { classifyFailure } from './classify-failure.ts';
import { createLogProducer, type LogProducer } from './log-producer.ts';
import { readAnswer } from './read-answer.ts';

/** A control record for the log. */
export interface ControlLogRecord {
  /** The ordering key of what it is about; null for a record that is no delivery. */
  key: string | null;
  /** Computed by us from the recorded number of partitions; of a record without a key, where that record is. */
  partition: number;
  value: Buffer;
}

/** The writer of control records, for tools: they can wait, and end with an error. */
export interface ControlLog {
  /**
   * Appends all of them with one send, in their order within each partition, and resolves to their offsets once all
   * in-sync replicas have them. After a failure all go again, with a new producer, until the deadline; some may be there
   * twice then, which their command ids make harmless. One call at a time: a later one must not overtake.
   *
   * @throws {HooklineError} TOPIC_MISSING, TOPIC_MISMATCH before anything was sent; KAFKA_UNAVAILABLE where the deadline
   * has passed, or Kafka refuses them: any of them may be in the log nevertheless
   */
  append(records: readonly ControlLogRecord[]): Promise<bigint[]>;
  /** Disconnects. Never rejects. */
  close(): Promise<void>;
}

export interface ControlLogSettings {
  connection: KafkaConnection;
  topic: string;
  /** The recorded number; where Kafka has another, nothing is appended. */
  partitions: number;
  /** From `append()` to its answer, in milliseconds. Default 30 s. */
  deadlineMs?: number;
  /** One send is abandoned after this, in milliseconds. Default 5 s. */
  sendTimeoutMs?: number;
}

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 2_000;

/** Connects nothing before the first append. */
export function createControlLog(settings: ControlLogSettings, logger: Logger): ControlLog {
  const { connection, topic, partitions, deadlineMs = 30_000, sendTimeoutMs = 5_000 } = settings;
  let checked = false;
  let producer: LogProducer | undefined;
  let attempts = 0;

  async function check(): Promise<void> {
    if (checked) return;
    const found = await countPartitions(connection, logger, topic);
    if (found === null) throw new HooklineError('TOPIC_MISSING', missingTopicProblem(topic));
    if (found !== partitions) {
      throw new HooklineError('TOPIC_MISMATCH', partitionCountProblem(topic, found, partitions));
    }
    checked = true;
  }

  async function send(records: readonly ControlLogRecord[], timeoutMs: number): Promise<bigint[]> {
    producer ??= createLogProducer(
      { connection: beginningWith(connection, attempts++), topic, sendTimeoutMs, deadlineMs },
      logger,
      connection.openSocket,
    );
    const answer = readAnswer(
      records.map(({ partition }) => partition),
      await producer.send([...records], timeoutMs),
    );
    if (!answer.success) throw new Error(answer.detail);
    return answer.offsets.map(BigInt);
  }

  return {
    async append(records) {
      if (records.length === 0) return [];
      await check();
      const deadline = performance.now() + deadlineMs;
      for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS)) {
        try {
          return await send(records, Math.min(sendTimeoutMs, Math.max(1, deadline - performance.now())));
        } catch (error) {
          // What this one has under way must not arrive after what is sent later.
          producer?.abandon();
          producer = undefined;
          const late = performance.now() + backoffMs >= deadline;
          if (late || classifyFailure(error) !== 'TRANSIENT') throw notAppended(topic, error as Error);
          logger.debug({ err: error }, 'control records go again with a new producer');
          await delay(backoffMs);
        }
      }
    },

    async close() {
      await producer?.close();
      producer = undefined;
    },
  };
}

function notAppended(topic: string, cause: Error): HooklineError {
  return new HooklineError(
    'KAFKA_UNAVAILABLE',
    `Kafka has not confirmed the control records for ${topic}: ${cause.message}. They may be in the log nevertheless, ` +
      'and the same command ids take effect once however often they are.',
    { cause },
  );
}
