import { isSealed } from '@hookline/contracts';
import type { Logger } from '@hookline/runtime';
import type { KafkaConnection, OpenSocket } from '../client/create-kafka.ts';
import { readBatchLimit } from '../topics/seal-topic.ts';
import type { SendFailure } from './classify-failure.ts';
import { within } from './within.ts';

/** What Kafka adds to a record beside what is counted of it. */
const FRAME_BYTES = 1024;

/**
 * What it means that Kafka refused a batch as too large. It says the same of a sealed topic: what the topic's limit is
 * tells them apart. Where the limit speaks against the refusal, the broker that was asked does not know it yet, or nobody
 * could be asked: nothing is known then, and the records go again. Never rejects.
 */
export async function judgeTooLarge(
  batch: readonly { bytes: number }[],
  where: { connection: KafkaConnection; topic: string; sendTimeoutMs: number; openSocket: OpenSocket | undefined },
  logger: Logger,
): Promise<SendFailure> {
  const { connection, topic, sendTimeoutMs, openSocket = connection.openSocket } = where;
  try {
    const reading = readBatchLimit({ ...connection, openSocket }, logger, topic);
    return judge(await within(sendTimeoutMs, `no limit of ${topic} within ${sendTimeoutMs} ms`, reading), batch);
  } catch (error) {
    logger.debug({ err: error }, 'nobody could be asked whether the topic is sealed');
    return 'TRANSIENT';
  }
}

/** The pure part. @param limit `max.message.bytes` of the topic */
export function judge(limit: number, batch: readonly { bytes: number }[]): SendFailure {
  if (isSealed(String(limit))) return 'SEALED';
  const bytes = batch.reduce((sum, record) => sum + record.bytes + FRAME_BYTES, 0);
  return bytes > limit ? 'TOO_LARGE' : 'TRANSIENT';
}
