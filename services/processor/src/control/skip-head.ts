import {
  claimIdentities,
  endRun,
  readLane,
  removeFromLane,
  writeAudit,
  type AuditedDelivery,
  type DeadLetter,
  type Fence,
  type LaneDelivery,
  type LaneTarget,
  type Queryable,
} from '@hookline/database';
import type { Handler } from '@hookline/handlers';
import { claimsOf } from '../lanes/lane-claims.ts';
import { askedHandlers, auditOf, startOf } from '../lanes/lane-records.ts';
import { settleAgain } from '../lanes/settle-again.ts';
import { writeDeath } from '../lanes/write-death.ts';

/**
 * Sets the head of a lane aside without another try: a dead letter for each handler that has no end, so that it can be
 * redriven; the lane goes on behind it. A run of it that is under way finds that, and is rolled back.
 *
 * @returns what it was, and its dead handlers
 */
export async function skipHead(
  tx: Queryable,
  fence: Fence,
  orderingKey: string,
  { generation: attempts, lastError }: Pick<LaneTarget, 'generation' | 'lastError'>,
  handlers: readonly Handler[],
): Promise<{ about: AuditedDelivery; dead: string[] }> {
  const [record] = (await readLane(tx, fence, orderingKey, { records: 1, bytes: 0 })) as [LaneDelivery];
  const noted = record.lastRun ?? {};
  const asked = askedHandlers(handlers, record).map(({ name }) => name);
  const undone = asked.filter((name) => noted[name] === undefined || noted[name] === 'started');
  const dead = [...Object.keys(noted).filter((name) => noted[name] === 'dead'), ...undone];
  const hasRun = Object.values(noted).includes('processed');
  const entry = auditOf(fence, record);
  if (record.dead) {
    await settleAgain(tx, fence, record.dead, noted);
  } else {
    const message = lastError || 'An operator has set it aside.';
    const letter = { reason: 'skipped', attempts, fingerprint: 'skipped', message, stack: null } as const;
    const letters = undone.map((handler): DeadLetter => ({ handler, ...letter }));
    await writeDeath(tx, fence, record, letters);
    const outcome = dead.length > 0 ? 'dead' : 'processed';
    await claimIdentities(tx, hasRun || dead.length > 0 ? await claimsOf(tx, fence, [record], outcome) : []);
  }
  await writeAudit(
    tx,
    dead.length > 0
      ? dead.map((handler) => ({ ...entry, decision: 'dead-lettered' as const, handler, attempt: attempts }))
      : [{ ...entry, decision: hasRun ? 'processed' : 'ignored' }],
  );
  const { position: through, storedBytes: bytes } = record;
  await removeFromLane(tx, fence, orderingKey, { through, records: 1, bytes });
  // Positions begin anew with the next lane of the key: whatever has that position then must not be blamed for this run.
  await endRun(tx, fence, startOf(orderingKey));
  const { orderingKey: key, source, dedupScope, guid, digest, event, action, receivedAt } = entry;
  return { about: { orderingKey: key, source, dedupScope, guid, digest, event, action, receivedAt }, dead };
}
