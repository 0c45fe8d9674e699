import type { RecordDecision } from '@hookline/contracts';
import {
  advanceOffset,
  claimIdentities,
  commit,
  fencedTransaction,
  findIdentities,
  rollback,
  writeAudit,
  type Database,
  type Ending,
  type Fence,
  type FencedOut,
  type Queryable,
  type TransactionOptions,
} from '@hookline/database';
import { matches, type Handler } from '@hookline/handlers';
import { decide } from './decide.ts';
import { handledDelivery } from './handled-delivery.ts';
import type { DeliveryRecord } from './record.ts';
import { runHandlers, type HandlerFailure } from './run-handlers.ts';

export interface SliceSettings {
  database: Database;
  handlers: readonly Handler[];
  handlerTimeoutMs: number;
  transaction: Omit<TransactionOptions, 'applicationName' | 'signal'>;
}

export type SliceEnd =
  | { success: true; nextOffset: bigint; decided: { record: DeliveryRecord; decision: RecordDecision }[] }
  | FencedOut
  /** The records begin above the stored offset: something between was never seen. Nothing was written. */
  | { success: false; reason: 'GAP'; nextOffset: bigint }
  /** The stored offset is behind all of the records, and we have not moved it there: somebody else has. */
  | { success: false; reason: 'AHEAD'; nextOffset: bigint }
  /** Nothing was written. `record` is the one whose handler failed, null where it could be any. */
  | { success: false; reason: 'HANDLER_FAILED'; failure: HandlerFailure; record: DeliveryRecord | null };

/**
 * The one transaction. All that a slice of one partition's records changes, it changes here or not at all:
 *
 * 1. the fence: the partition's row is locked, and its epoch is ours
 * 2. what is known of the records' identities is read
 * 3. each record is decided, without I/O
 * 4. the handlers run, in log order, writing through this transaction
 * 5. identities are claimed and the audit is written, a statement each for the whole slice
 * 6. the stored offset moves behind the last record, compared with where it was; COMMIT
 *
 * A rejection leaves open whether it committed (the reply to COMMIT can be lost). Running the same records again is
 * always right: the fence row says how far it went, and what is below it is skipped.
 *
 * @param records contiguous, in log order, at least one
 */
export function runSlice(
  settings: SliceSettings,
  fence: Fence,
  records: readonly DeliveryRecord[],
  signal: AbortSignal,
): Promise<SliceEnd> {
  return fencedTransaction<SliceEnd>(
    settings.database,
    fence,
    { ...settings.transaction, signal },
    async (tx, nextOffset) => {
      const last = records.at(-1) as DeliveryRecord;
      if (nextOffset > last.offset + 1n) return rollback({ success: false, reason: 'AHEAD', nextOffset });
      const fresh = records.filter((record) => record.offset >= nextOffset);
      const [first] = fresh;
      // Done already: its COMMIT succeeded, and the reply was lost.
      if (!first) return rollback({ success: true, nextOffset, decided: [] });
      if (first.offset !== nextOffset) return rollback({ success: false, reason: 'GAP', nextOffset });
      return processRecords(tx, settings, fence, fresh, signal);
    },
  );
}

async function processRecords(
  tx: Queryable,
  { handlers, handlerTimeoutMs }: SliceSettings,
  fence: Fence,
  records: readonly DeliveryRecord[],
  signal: AbortSignal,
): Promise<Ending<SliceEnd>> {
  const isHandled = (event: string, action: string | null) =>
    handlers.some((handler) => matches(handler.on, event, action));
  const claimed = await findIdentities(
    tx,
    records.map(({ delivery }) => delivery),
  );
  const decisions = decide(records, claimed, isHandled);
  const processed = records.filter((_, i) => decisions[i] === 'processed');

  const failure = await runHandlers(handlers, processed.map(handledDelivery), {
    tx,
    signal,
    timeoutMs: handlerTimeoutMs,
  });
  if (failure) {
    const record = failure.index === null ? null : (processed[failure.index] ?? null);
    return rollback({ success: false, reason: 'HANDLER_FAILED', failure, record });
  }

  await claimIdentities(
    tx,
    processed.map((record) => claimOf(record, fence)),
  );
  await writeAudit(
    tx,
    records.map((record, i) => ({
      ...claimOf(record, fence),
      decision: decisions[i] as RecordDecision,
      epoch: fence.epoch,
      orderingKey: record.orderingKey,
      source: record.delivery.source,
      action: record.delivery.action,
      receivedAt: record.delivery.receivedAt,
    })),
  );
  const first = records[0] as DeliveryRecord;
  const last = records.at(-1) as DeliveryRecord;
  const nextOffset = last.offset + 1n;
  await advanceOffset(tx, fence, first.offset, nextOffset, { digest: last.delivery.digest, time: last.time });
  return commit({
    success: true,
    nextOffset,
    decided: records.map((record, i) => ({ record, decision: decisions[i] as RecordDecision })),
  });
}

function claimOf({ delivery, offset }: DeliveryRecord, { topic, partition }: Fence) {
  const { dedupScope, guid, digest, event } = delivery;
  return { dedupScope, guid, digest, event, topic, partition, offset };
}
