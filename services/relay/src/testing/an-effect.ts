import type { Attempt, SendableEffect } from '@hookline/runtime';

/** An effect of a push, with what the test says otherwise. */
export function anEffect(effect: Partial<SendableEffect>): SendableEffect {
  return {
    effectId: '0f8fad5b-d9cb-869f-a165-70867728950e',
    kind: 'http.post',
    orderingKey: 'github.com/repository/1',
    queue: '',
    handler: 'notify',
    guid: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
    digest: Buffer.alloc(32),
    event: 'push',
    action: null,
    source: 'main',
    repositoryId: '1',
    request: {},
    headers: null,
    body: null,
    traceparent: null,
    attempts: 1,
    createdAt: new Date(0),
    ...effect,
  };
}

/** A first attempt that may begin, with ten seconds. */
export function anAttempt(attempt: Partial<Attempt> = {}): Attempt {
  return {
    effectId: '0f8fad5b-d9cb-869f-a165-70867728950e',
    number: 1,
    signal: new AbortController().signal,
    deadlineMs: 10_000,
    begin: () => {},
    ...attempt,
  };
}
