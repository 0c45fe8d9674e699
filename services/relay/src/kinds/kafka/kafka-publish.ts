import type { Delivery } from '@hookline/contracts';
import type { AppendFailure } from '@hookline/kafka';
import type { EffectKind, SendResult } from '@hookline/runtime';
import type { JobLog, JobLogs } from './job-log.ts';
import { jobRecord } from './job-record.ts';

export interface KafkaPublishSettings {
  logs: JobLogs;
  encode(schemaId: number, delivery: Delivery): Buffer;
}

/** How long an append rests that there was no room for. */
const OVERLOADED_MS = 500;

/**
 * Appends jobs. Appending one again is as good as once, since its reader knows it by the effect's id. It is never given
 * up: that Kafka is away says nothing of a job. A job goes to the next topic generation when its own partition of the one
 * before has refused it for good, as deliveries do.
 */
export function kafkaPublish({ logs, encode }: KafkaPublishSettings): EffectKind {
  return {
    name: 'kafka.publish',
    target: () => `kafka ${logs.first.topic}`,
    onAmbiguous: () => 'resend',
    maxAttempts: () => Number.POSITIVE_INFINITY,
    async send(effect, attempt) {
      let log: JobLog = logs.first;
      for (;;) {
        const record = jobRecord(effect, log.partitions);
        if (!record) return { outcome: 'refused', error: 'The request names no job.' };
        const { key, partition, headers, delivery } = record;
        const value = encode(await log.schemaId(), delivery);
        attempt.begin();
        const appended = await log.append({ key, partition, headers, value });
        if (appended.success) {
          return {
            outcome: 'sent',
            result: { topic: log.topic, partition: appended.partition, offset: appended.offset },
          };
        }
        if (appended.reason !== 'SEALED') return notAppended(appended.reason, appended.detail);
        const next = await logs.after(log);
        if (!next.success) return notAppended('SEALED', `${log.topic} has ended, and ${next.problem}.`);
        log = next.log;
      }
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
