import { createHash } from 'node:crypto';
import {
  JOB_EVENT,
  JOB_SOURCE,
  partitionOf,
  RECORD_HEADERS,
  type Delivery,
  type Job,
  type KafkaPublish,
} from '@hookline/contracts';
import type { LogRecord } from '@hookline/kafka';
import type { SendableEffect } from '@hookline/runtime';

/** The record of a job, but for its value's encoding. */
export interface JobRecord extends Omit<LogRecord, 'value'> {
  delivery: Delivery;
}

/**
 * A job as a delivery of its own, whose GUID is the effect's id: appended twice it is one delivery and its duplicate, byte
 * for byte. Null where the request is none of a job.
 */
export function jobRecord(effect: SendableEffect, partitions: number): JobRecord | null {
  const { job, payload } = (effect.request ?? {}) as Partial<KafkaPublish>;
  if (typeof job !== 'string' || job === '') return null;
  const { guid, event, action, source, handler, orderingKey, traceparent } = effect;
  const whole: Job = { job, payload: payload ?? null, cause: { guid, event, action, source, handler } };
  const body = Buffer.from(JSON.stringify(whole));
  return {
    key: orderingKey,
    partition: partitionOf(orderingKey, partitions),
    headers: {
      [RECORD_HEADERS.guid]: effect.effectId,
      [RECORD_HEADERS.event]: JOB_EVENT,
      [RECORD_HEADERS.source]: JOB_SOURCE,
      ...(traceparent !== null && { [RECORD_HEADERS.traceparent]: traceparent }),
    },
    delivery: {
      source: JOB_SOURCE,
      dedupScope: JOB_SOURCE,
      guid: effect.effectId,
      digest: createHash('sha256').update(body).digest(),
      event: JOB_EVENT,
      action: job,
      repositoryId: effect.repositoryId,
      hookId: null,
      receivedAt: effect.createdAt.getTime(),
      headers: { 'content-type': 'application/json' },
      secretLabel: '',
      eventProblem: null,
      body,
    },
  };
}
