import {
  deferLane,
  endRun,
  findStart,
  noteLastRun,
  readLane,
  writeAudit,
  type DeadLetter,
  type FencedOut,
  type LaneDelivery,
  type LaneHead,
  type RecordStart,
} from '@hookline/database';
import { decideHead } from './decide-lane.ts';
import { askedHandlers, auditOf, startOf } from './lane-records.ts';
import type { OwnedLanes } from './lane-settings.ts';
import { fencedStep, type GaveWay } from './lane-transaction.ts';
import { bury } from './last-run.ts';

/** `nobody`: its owner has taken the note back, or it is of records that have left the lane since. */
export type Settled = 'nobody' | 'careful' | 'killed';

/**
 * Draws the conclusion from a run that another process has begun and neither ended nor taken back: that process is dead.
 * Of one record, it may have died of it, which counts. Of several, nobody is blamed, and they run one at a time.
 *
 * Under the fence, and by what is noted now: an owner that was alive takes its notes back when it loses the partition.
 */
export async function settleStart(
  lanes: OwnedLanes,
  head: LaneHead,
  start: RecordStart,
): Promise<{ success: true; value: Settled } | FencedOut | GaveWay> {
  const { fence, policy, random, handlers, events } = lanes;
  const { orderingKey } = head;
  const buried: { record: LaneDelivery; letter: DeadLetter }[] = [];
  const named = { orderingKey, position: head.headPosition, incarnation: null, offset: null };
  const settled = await fencedStep<Settled>(lanes, named, async (tx) => {
    const noted = await findStart(tx, fence, startOf(orderingKey));
    if (!noted || noted.owner !== start.owner) return 'nobody';
    const [record] = await readLane(tx, fence, orderingKey, { records: 1, bytes: 0 });
    await endRun(tx, fence, startOf(orderingKey));
    if (!record || noted.firstPosition !== record.position) return 'nobody';
    if (noted.records > 1) {
      const error = `The process ${noted.owner} has died while it ran ${noted.records} records from here.`;
      const carefulUntil = noted.firstPosition + BigInt(noted.records);
      await deferLane(tx, fence, orderingKey, { ...head, dueInMs: 0, error, carefulUntil });
      await writeAudit(tx, [{ ...auditOf(fence, record), decision: 'retried', detail: `Not counted: ${error}` }]);
      return 'careful';
    }
    const error = `The process ${noted.owner} has died while it ran this record.`;
    const decision = decideHead(head, { type: 'killed' }, policy, random());
    await deferLane(tx, fence, orderingKey, { ...decision, error, triedEpoch: head.triedEpoch });
    const { attempts: attempt } = decision;
    await writeAudit(tx, [{ ...auditOf(fence, record), decision: 'retried', attempt, detail: error }]);
    const [first] = askedHandlers(handlers, record);
    if (record.lastRun === null) {
      if (decision.next === 'last-run' && first) {
        await noteLastRun(tx, fence, orderingKey, record.position, first.name, 'started');
      }
      return 'killed';
    }
    // In its last run one handler runs at a time, and its start was noted with it.
    const culprit = Object.keys(record.lastRun).find((name) => record.lastRun?.[name] === 'started');
    if (culprit !== undefined && decision.kills >= policy.maxKills) {
      const letter: DeadLetter = {
        handler: culprit,
        reason: 'process-killed',
        attempts: attempt,
        fingerprint: 'process-killed',
        message: error,
        stack: null,
      };
      await bury(tx, fence, record, culprit, letter);
      buried.push({ record, letter });
    }
    return 'killed';
  });
  if (settled.success) for (const { record, letter } of buried) events.deadLettered(fence, record, letter);
  return settled;
}
