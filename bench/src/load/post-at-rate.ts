import { setTimeout as delay } from 'node:timers/promises';
import { note, type Answers } from './post-prepared.ts';
import type { RawClient } from './raw-http.ts';

const TICK_MS = 2;

export interface RateLoad {
  perSecond: number;
  /** After so many milliseconds an answer comes too late: GitHub has given up. */
  deadlineMs: number;
}

export interface AtRate {
  /** Of those that came in time. */
  answers: Answers;
  /** Answered after the deadline, or not at all since the connection was lost. */
  late: number;
  /** From the first request to the last answer that came in time. */
  seconds: number;
}

/** Posts each request once, so many a second whether or not earlier ones are answered, and waits for all answers. */
export async function postAtRate(
  client: RawClient,
  requests: readonly Buffer[],
  { perSecond, deadlineMs }: RateLoad,
): Promise<AtRate> {
  const answers: Answers = new Map();
  const startedAt = performance.now();
  let lastAt = startedAt;
  let late = 0;
  const post = async (request: Buffer): Promise<void> => {
    const postedAt = performance.now();
    const status = await client.post(request).catch(() => null);
    const answeredAt = performance.now();
    if (status === null || answeredAt - postedAt > deadlineMs) {
      late += 1;
      return;
    }
    lastAt = answeredAt;
    note(answers, status);
  };
  const posted: Promise<void>[] = [];
  while (posted.length < requests.length) {
    const due = Math.ceil(((performance.now() - startedAt) / 1000) * perSecond);
    while (posted.length < Math.min(due, requests.length)) posted.push(post(requests[posted.length] as Buffer));
    await delay(TICK_MS);
  }
  await Promise.all(posted);
  return { answers, late, seconds: (lastAt - startedAt) / 1000 };
}
