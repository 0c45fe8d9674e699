import { createKafka, ZSTD } from '@hookline/kafka';
import { createLogger } from '@hookline/runtime';

export interface SentRecord {
  key: string;
  partition: number;
  value: Buffer;
  headers: Record<string, string>;
}

/** Ingest's bounds of one send. */
const MAX_RECORDS = 1000;
const MAX_BYTES = 2 * 1024 * 1024;
interface Waiting {
  record: SentRecord;
  sent: PromiseWithResolvers<void>;
}

/**
 * KafkaJS's producer as ingest sets it (acks=all, zstd, no retries inside), and no more: what waits goes together, one send
 * at a time. A send that fails ends the process, since nothing here would make it good.
 */
export async function openRecordSender(brokers: string[], topic: string) {
  const logger = createLogger({ service: 'bench', level: 'silent' });
  const producer = createKafka({ brokers, clientId: 'bench' }, logger, { retry: { retries: 0 } }).producer({
    idempotent: false,
    allowAutoTopicCreation: false,
    metadataMaxAge: Number.POSITIVE_INFINITY,
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition as number,
  });
  await producer.connect();
  const waiting: Waiting[] = [];
  let sending = false;

  const take = (): Waiting[] => {
    let bytes = 0;
    const over = waiting.findIndex(({ record }, n) => (bytes += record.value.length) > MAX_BYTES && n > 0);
    return waiting.splice(0, Math.min(over === -1 ? waiting.length : over, MAX_RECORDS));
  };
  const pump = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = take();
      await producer.send({ topic, messages: batch.map(({ record }) => record), acks: -1, compression: ZSTD });
      for (const { sent } of batch) sent.resolve();
    }
    sending = false;
  };

  return {
    /** Resolves when all in-sync replicas have it. */
    send(record: SentRecord): Promise<void> {
      const sent = Promise.withResolvers<void>();
      waiting.push({ record, sent });
      if (!sending) {
        sending = true;
        // What else comes in this turn of the event loop travels along.
        setImmediate(() => void pump());
      }
      return sent.promise;
    },
    close: () => producer.disconnect(),
  };
}
