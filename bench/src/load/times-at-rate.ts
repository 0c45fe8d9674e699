import type { RunningProcessor, System } from '../system/open-system.ts';
import type { Door } from '../system/start-door.ts';
import { untilCaughtUp } from '../observe/waits.ts';
import { postAtRate } from './post-at-rate.ts';
import { expectOnly } from './post-prepared.ts';
import type { RawClient } from './raw-http.ts';

/** After which GitHub has given up. */
const DEADLINE_MS = 10_000;

export interface Served {
  system: System;
  door: Door;
  /** One that keeps its latencies. */
  processor: RunningProcessor;
  client: RawClient;
}

/**
 * Posts each once, so many a second, and ends the door and the processor.
 *
 * @returns from accept to commit, in milliseconds, of each of them
 * @throws {Error} where one was not accepted in time: it was no load that the machine takes
 */
export async function timesAtRate(
  { system, door, processor, client }: Served,
  requests: readonly Buffer[],
  perSecond: number,
): Promise<number[]> {
  const beganAt = Date.now();
  const { answers, late } = await postAtRate(client, requests, { perSecond, deadlineMs: DEADLINE_MS });
  expectOnly(answers, 202);
  if (late > 0)
    throw new Error(`${late} were answered late: ${perSecond.toFixed(0)}/s is more than this machine takes.`);
  await untilCaughtUp(system);
  await door.stop();
  const { latencies } = await processor.stop();
  return latencies.filter(({ receivedAt }) => receivedAt >= beganAt).map(({ ms }) => ms);
}
