import { randomUUID } from 'node:crypto';
import type { Attempt, SendableEffect } from '@hookline/runtime';

export function aJob(given: Partial<SendableEffect> = {}): SendableEffect {
  return {
    effectId: randomUUID(),
    kind: 'kafka.publish',
    orderingKey: 'github.com/repository/7',
    queue: '',
    handler: 'ask',
    guid: randomUUID(),
    digest: Buffer.alloc(32),
    event: 'push',
    action: null,
    source: 'main',
    repositoryId: '7',
    request: { job: 'sync', payload: { all: true } },
    headers: null,
    body: null,
    traceparent: '00-trace-span-01',
    attempts: 1,
    createdAt: new Date('2026-01-02T03:04:05Z'),
    ...given,
  };
}

export function anAttempt(): Attempt & { begun: number } {
  const attempt = {
    effectId: 'x',
    number: 1,
    signal: new AbortController().signal,
    deadlineMs: 10_000,
    begun: 0,
    begin: () => void (attempt.begun += 1),
  };
  return attempt;
}
