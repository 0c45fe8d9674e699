import type { Delivery } from '@hookline/contracts';
import type { AppendFailure, DeliveryLog } from '@hookline/kafka';
import type { EffectKind, SendResult } from '@hookline/runtime';
import { jobRecord } from './job-record.ts';

export interface KafkaPublishSettings {
  log: Pick<DeliveryLog, 'append'>;
  topic: string;
  partitions: number;
  /** The id of the envelope's schema; throws while the registry has not told it. */
  schemaId(): Promise<number>;
  encode(schemaId: number, delivery: Delivery): Buffer;
}

/** How long an append rests that there was no room for. */
const OVERLOADED_MS = 500;

/**
 * Appends jobs. Appending one again is as good as once, since its reader knows it by the effect's id. It is never given
 * up: that Kafka is away says nothing of a job.
 */
export function kafkaPublish({ log, topic, partitions, schemaId, encode }: KafkaPublishSettings): EffectKind {
  return {
    name: 'kafka.publish',
    target: () => `kafka ${topic}`,
    onAmbiguous: () => 'resend',
    maxAttempts: () => Number.POSITIVE_INFINITY,
    async send(effect, attempt) {
      const record = jobRecord(effect, partitions);
      if (!record) return { outcome: 'refused', error: 'The request names no job.' };
      const { key, partition, headers, delivery } = record;
      const value = encode(await schemaId(), delivery);
      attempt.begin();
      const appended = await log.append({ key, partition, headers, value });
      if (!appended.success) return notAppended(appended.reason, appended.detail);
      return { outcome: 'sent', result: { topic, partition: appended.partition, offset: appended.offset } };
    },
  };
}

function notAppended(reason: AppendFailure, detail: string): SendResult {
  const error = `${reason}: ${detail}`;
  switch (reason) {
    case 'TOO_LARGE':
      return { outcome: 'refused', error };
    case 'OVERLOADED':
      return { outcome: 'limited', error, afterMs: OVERLOADED_MS };
    case 'SEALED':
      return { outcome: 'failed', error };
    case 'UNAVAILABLE':
    case 'STOPPING':
      return { outcome: 'ambiguous', error };
  }
}
