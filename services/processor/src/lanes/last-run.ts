import {
  claimIdentities,
  endRun,
  errorFingerprint,
  holdLane,
  noteLastRun,
  removeFromLane,
  startRun,
  writeAudit,
  type DeadLetter,
  type Fence,
  type FencedOut,
  type LaneDelivery,
  type LaneHead,
  type Queryable,
} from '@hookline/database';
import type { Handler } from '@hookline/handlers';
import { classifyFailure } from '../slice/classify-failure.ts';
import { decideLastRun, type LastRun } from './decide-lane.ts';
import { claimsOf } from './lane-claims.ts';
import { settleAgain } from './settle-again.ts';
import { writeDeath } from './write-death.ts';
import { isInherited } from './is-inherited.ts';
import { askedHandlers, auditOf, startOf } from './lane-records.ts';
import type { OwnedLanes } from './lane-settings.ts';
import { fencedStep, type GaveWay } from './lane-transaction.ts';
import { blamed, tryThenFence, type Failed } from './run-records.ts';

/** Every handler of an exhausted delivery has its end, and the delivery has left its lane. */
interface LastRunDone {
  success: true;
  value: { closed: boolean; records: number; held: boolean; dead: string[] };
}

/**
 * The last run of a delivery whose attempts are exhausted: each handler once more in a transaction of its own, so that
 * those which succeed are committed, and a dead letter for each of the others. What becomes of each is noted with the
 * delivery, in the transaction that makes it so: whoever takes the partition over goes on behind it.
 *
 * A failure that is returned does not count, and the handler runs again: the lane is to be put off.
 */
export async function lastRun(
  lanes: OwnedLanes,
  head: LaneHead,
  record: LaneDelivery,
): Promise<LastRunDone | Failed | FencedOut | GaveWay> {
  const asked = askedHandlers(lanes.handlers, record);
  const names = asked.map(({ name }) => name);
  let noted: LastRun = record.lastRun ?? {};
  for (;;) {
    const step = decideLastRun(noted, names);
    if (step.next === 'complete') return complete(lanes, record, noted, step.dead);
    const handler = asked.find(({ name }) => name === step.handler) as Handler;
    const end = await runOne(lanes, head, record, handler);
    if (!end.success) return end;
    noted = { ...noted, [handler.name]: end.value };
  }
}

/** One handler: noted before it runs, then run and noted in one transaction. */
async function runOne(
  lanes: OwnedLanes,
  head: LaneHead,
  record: LaneDelivery,
  handler: Handler,
): Promise<{ success: true; value: 'processed' | 'dead' } | Failed | FencedOut | GaveWay> {
  const { fence, owner, breaker, events } = lanes;
  const { orderingKey, position } = record;
  const note = (tx: Queryable, outcome: LastRun[string]) =>
    noteLastRun(tx, fence, orderingKey, position, handler.name, outcome);
  const begun = await fencedStep(lanes, record, async (tx) => {
    await note(tx, 'started');
    await startRun(tx, fence, owner, { ...startOf(orderingKey), firstPosition: position, records: 1 });
  });
  if (!begun.success) return begun;

  const end = await blamed(lanes, handler.name, () =>
    tryThenFence(lanes, [handler], [record], async (tx) => {
      await note(tx, 'processed');
      await endRun(tx, fence, startOf(orderingKey));
    }),
  );
  if (end.success) {
    if (record.dead === null) breaker.succeeded(handler.name, [orderingKey]);
    return { success: true, value: 'processed' };
  }
  if (end.reason !== 'FAILED' || !classifyFailure(end.failure).counted) return end;
  // A dead delivery that fails again says nothing new of its handler.
  if (record.dead === null) breaker.failed(handler.name, orderingKey);
  if (breaker.isOpen(handler.name) || isInherited(lanes, head, record)) return end;
  const letter: DeadLetter = {
    handler: handler.name,
    reason: 'handler-failed',
    attempts: head.attempts + 1,
    ...errorFingerprint(end.failure.error),
  };
  const buried = await fencedStep(lanes, record, (tx) => bury(tx, fence, record, handler.name, letter));
  if (!buried.success) return buried;
  events.deadLettered(fence, record, letter);
  return { success: true, value: 'dead' };
}

/** Notes a handler as dead, with its dead letter, under the fence; nothing is running any more. */
export async function bury(
  tx: Queryable,
  fence: Fence,
  record: LaneDelivery,
  handler: string,
  letter: DeadLetter,
): Promise<void> {
  const { orderingKey, position } = record;
  await noteLastRun(tx, fence, orderingKey, position, handler, 'dead');
  await writeDeath(tx, fence, record, [letter]);
  await endRun(tx, fence, startOf(orderingKey));
}

/**
 * The delivery leaves its lane: claimed, audited once, or once per dead handler. Unclaimed where no handler has an end:
 * those that asked for it are there no more.
 */
async function complete(
  lanes: OwnedLanes,
  record: LaneDelivery,
  noted: LastRun,
  dead: string[],
): Promise<LastRunDone | FencedOut | GaveWay> {
  const { fence, handlers } = lanes;
  const { orderingKey, position: through, storedBytes: bytes } = record;
  // Of one that runs again later ones have gone by: its lane protects nothing any more.
  const held =
    record.dead === null && handlers.some(({ name, policy }) => dead.includes(name) && policy?.onExhausted === 'hold');
  const entry = auditOf(fence, record);
  const hasRun = Object.values(noted).some((outcome) => outcome !== 'started');
  return fencedStep(lanes, record, async (tx) => {
    const outcome = dead.length > 0 ? 'dead' : 'processed';
    await claimIdentities(tx, hasRun ? await claimsOf(tx, fence, [record], outcome) : []);
    if (record.dead) await settleAgain(tx, fence, record.dead, noted);
    await writeAudit(tx, [
      ...(dead.length === 0 ? [{ ...entry, decision: hasRun ? ('processed' as const) : ('ignored' as const) }] : []),
      ...dead.map((handler) => ({ ...entry, decision: 'dead-lettered' as const, handler })),
      ...(held ? [{ ...entry, decision: 'held' as const }] : []),
    ]);
    // Before the removal: an empty lane that is not held is closed.
    if (held) await holdLane(tx, fence, orderingKey);
    const left = await removeFromLane(tx, fence, orderingKey, { through, records: 1, bytes });
    await endRun(tx, fence, startOf(orderingKey));
    return { ...left, held, dead };
  });
}
