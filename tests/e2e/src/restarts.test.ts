import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ownStack, type Part, type Stack } from '@hookline/local-stack';
import { until, type ServiceProcess } from '@hookline/test-support';
import { startSystem, type IngestProcess, type System } from './system/start-system.ts';
import { githubDelivery } from './traffic/github-delivery.ts';
import { createSender } from './traffic/sender.ts';
import { expectEachOnceInOrder } from './verify/expect-each-once-in-order.ts';
import { countAudit, untilCaughtUp } from './verify/read-state.ts';

let stack: Stack;
let system: System;
let ingest: IngestProcess;
let processor: ServiceProcess;
const sender = createSender();
const enough = new AbortController();
let traffic: Promise<unknown>;

beforeAll(async () => {
  stack = await ownStack();
  system = await startSystem({ stack: stack.addresses, partitions: 6 });
  ingest = await system.startIngest({ ...system.lookUp, HOOKLINE_INGEST_APPEND_DEADLINE_MS: '2000' });
  processor = system.startProcessor();
  traffic = Promise.all([1, 2, 3, 4].map(sendForever));
}, 120_000);

afterAll(async () => {
  enough.abort();
  await traffic;
  sender.close();
  await system.stop();
  await stack.stop();
});

/**
 * A steady trickle; what is answered 503 is sent again, as somebody would redeliver it, until it is accepted, or known to
 * have been processed.
 */
async function sendForever(repository: number): Promise<void> {
  let next = githubDelivery(repository);
  while (!enough.signal.aborted) {
    const status = await sender.post({ delivery: next, url: ingest.url });
    if (status !== 503) next = githubDelivery(repository);
    await delay(10);
  }
}

const answered = (status: number) => sender.answers.filter((answer) => answer.status === status);

/** Waits until much more has been processed than there is now. */
async function untilGoesOn(): Promise<void> {
  const before = await until('the database answers', () => countAudit(system).catch(() => undefined));
  await until('more is processed', async () => (await countAudit(system)) >= before + 100, 60_000);
}

describe('a restart of what the services depend on, in mid-stream', () => {
  it('of Kafka: only while it is away ingest answers 503, and everything goes on by itself', async () => {
    await untilGoesOn();
    const killedAt = performance.now();
    await (stack.kafka[0] as Part).kill();
    await until('ingest refuses', () => answered(503).length > 0);
    await (stack.kafka[0] as Part).start();
    await ingest.untilReady();
    const backAt = performance.now();
    await untilGoesOn();

    const early = answered(503).filter((answer) => answer.answeredAt < killedAt);
    const late = answered(503).filter((answer) => answer.begunAt > backAt);
    expect({ early: early.length, late: late.length }).toEqual({ early: 0, late: 0 });
  }, 120_000);

  it('of PostgreSQL: ingest does not even notice, and the processor goes on where it stopped', async () => {
    const refused = answered(503).length;
    await stack.postgres.kill();
    await processor.logged('waiting, then trying again', { what: 'transaction' });
    const accepted = answered(202).length;
    await until('deliveries are accepted without a database', () => answered(202).length >= accepted + 100);
    await stack.postgres.start();
    await untilGoesOn();
    expect(answered(503)).toHaveLength(refused);
  }, 120_000);

  it('leaves no 202 unprocessed, none done twice, and the same two processes', async () => {
    enough.abort();
    await traffic;
    await untilCaughtUp(system);
    await expectEachOnceInOrder(system, sender.answers);
    // A redelivery of what was in the log though it was answered 503.
    const redelivered = new Set(answered(503).map(({ delivery }) => delivery.guid));
    const others = sender.answers.filter(({ status }) => status !== 202 && status !== 503);
    expect(others.filter(({ status, delivery }) => status !== 409 || !redelivered.has(delivery.guid))).toEqual([]);
    expect(await Promise.all([ingest.stop(), processor.stop()])).toMatchObject([{ code: 0 }, { code: 0 }]);
  }, 120_000);
});
