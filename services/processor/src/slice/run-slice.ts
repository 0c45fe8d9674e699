import {
  allAnswered,
  commit,
  fencedTransaction,
  isRefusal,
  readLaneBytes,
  rollback,
  storedBytes,
  TransactionLost,
  type Database,
  type Ending,
  type Fence,
  type FencedOut,
  type LaneTries,
  type Queryable,
  type StoredBody,
  type TransactionOptions,
} from '@hookline/database';
import { matches, type Handler } from '@hookline/handlers';
import { NO_TRACING, type Tracing } from '@hookline/runtime';
import { runOrders } from '../control/run-orders.ts';
import { tracedRun, traceRun, type RunTrace } from '../tracing/run-trace.ts';
import { advancePast } from './advance-past.ts';
import { decide, type Decision, type Known } from './decide.ts';
import { handledDelivery } from './handled-delivery.ts';
import { countFitting, type LaneLimits } from './lane-room.ts';
import { readKnown, type KnownOfSlice } from './read-known.ts';
import { isControl, isDelivery, type ControlRecord, type DeliveryRecord, type LogRecord } from './record.ts';
import { runHandlers, type HandlerFailure } from './run-handlers.ts';
import { writeOutcome, type DecidedRecord } from './write-outcome.ts';

export interface SliceSettings {
  database: Database;
  handlers: readonly Handler[];
  handlerTimeoutMs: number;
  /** The database role under which users' handlers run. */
  handlersRole: string;
  transaction: Omit<TransactionOptions, 'applicationName' | 'signal'>;
  lanes: LaneLimits;
  /** What is done about replays. */
  replays: Pick<Known, 'canRepeat' | 'replayPolicy'>;
  /** Tells relays that effects were committed; returns at once. */
  hintRelays: () => void;
  /** Absent: nothing is traced. */
  tracing?: Tracing;
}

/** What this run of a slice is. */
export interface SliceRun {
  /** Aborted when the partition is lost. */
  signal: AbortSignal;
  /** Records that have failed alone, by offset, and what is known of their tries: they are parked without a run. */
  failed: ReadonlyMap<bigint, LaneTries>;
  /** The start of this run was noted: the note goes with what the run commits. */
  noted: boolean;
}

export type SliceEnd =
  | Committed
  | FencedOut
  | Refused
  /** The records begin above the stored offset: something between was never seen. Nothing was written. */
  | { success: false; reason: 'GAP'; nextOffset: bigint }
  /** The stored offset is behind all of the records, and we have not moved it there: somebody else has. */
  | { success: false; reason: 'AHEAD'; nextOffset: bigint }
  /** The first record would be parked, and there is no room. Nothing was written. */
  | { success: false; reason: 'LANES_FULL'; record: DeliveryRecord | ControlRecord }
  /** Nothing was written. `record` is the one whose handler failed, null where it could be any. */
  | { success: false; reason: 'HANDLER_FAILED'; failure: HandlerFailure; record: DeliveryRecord | null };

/**
 * Handlers have run, and the database refuses what was to be committed: for what one of the records holds, or for what a
 * handler has done (a deferred constraint or trigger, a COMMIT of its own, a role that may not write our tables). It would
 * do so again, so that trying again cannot help. Nothing was written.
 */
export interface Refused {
  success: false;
  reason: 'REFUSED';
  error: unknown;
}

export interface Committed {
  success: true;
  /** Below the end of the slice when the next record would be parked, and there is no room. */
  nextOffset: bigint;
  decided: DecidedRecord[];
  /** Milliseconds until the first of the lanes is due that were opened or hastened, or may have been; null: none was. */
  laneDueInMs: number | null;
}

/** How far the transaction of a slice has come. */
interface Progress {
  handlersRan: boolean;
  effectsWritten: boolean;
}

/**
 * The one transaction. All that a slice of one partition's records changes, it changes here or not at all:
 *
 * 1. the fence: the partition's row is locked, and its epoch is ours
 * 2. what is known of the records' identities, and of the lanes of their keys, is read
 * 3. each record is decided, without I/O; the slice ends before what would be parked where there is no room
 * 4. the handlers run, in log order, writing through this transaction
 * 5. identities are claimed, effects, lanes, dead letters and the audit are written, a statement or two per table for the
 *    whole slice
 * 6. the stored offset moves behind the last record, compared with where it was; COMMIT
 *
 * A rejection leaves open whether it committed (the reply to COMMIT can be lost). Running the same records again is
 * always right: the fence row says how far it went, and what is below it is skipped.
 *
 * Control records come by themselves, and are applied instead of the steps 2 to 5.
 *
 * @param records contiguous, in log order, at least one; deliveries, or control records
 */
export async function runSlice(
  settings: SliceSettings,
  fence: Fence,
  records: readonly LogRecord[],
  run: SliceRun,
): Promise<SliceEnd> {
  const options = { ...settings.transaction, keepPlans: true, signal: run.signal };
  const progress: Progress = { handlersRan: false, effectsWritten: false };
  const trace = traceRun(settings.tracing ?? NO_TRACING, 'log', fence, records.filter(isDelivery));
  const work = async (tx: Queryable, nextOffset: bigint, known: KnownOfSlice): Promise<Ending<SliceEnd>> => {
    const last = records.at(-1) as LogRecord;
    if (nextOffset > last.offset + 1n) return rollback({ success: false, reason: 'AHEAD', nextOffset });
    const fresh = records.filter((record) => record.offset >= nextOffset);
    const [first] = fresh;
    // Done already: its COMMIT succeeded, and the reply was lost.
    if (!first) return rollback({ success: true, nextOffset, decided: [], laneDueInMs: 0 });
    if (first.offset !== nextOffset) return rollback({ success: false, reason: 'GAP', nextOffset });
    const orders = fresh.filter(isControl);
    progress.effectsWritten = orders.some(({ order }) => order?.target.command === 'redrive-effect');
    const ending: Ending<SliceEnd> =
      orders.length > 0
        ? await runOrders(tx, fence, orders, { ...settings, noted: run.noted })
        : await processRecords(tx, settings, fence, fresh, known, { ...run, trace }, progress);
    // Nobody has heard which lanes that COMMIT opened: without a look they would wait for ever.
    if (ending.value.success && fresh.length < records.length) ending.value.laneDueInMs = 0;
    return ending;
  };
  try {
    const read = (tx: Queryable) => readKnown(tx, fence, records);
    const end = await tracedRun(trace, () => fencedTransaction(settings.database, fence, options, work, read));
    if (end.success && progress.effectsWritten) settings.hintRelays();
    return end;
  } catch (error) {
    // Before a handler has run none can be the reason: a database that takes no writes counts against nobody.
    const isTheirs = progress.handlersRan && (isRefusal(error) || error instanceof TransactionLost);
    if (run.signal.aborted || !isTheirs) throw error;
    return { success: false, reason: 'REFUSED', error };
  }
}

async function processRecords(
  tx: Queryable,
  settings: SliceSettings,
  fence: Fence,
  records: readonly LogRecord[],
  known: KnownOfSlice,
  { signal, failed, noted, trace }: SliceRun & { trace: RunTrace },
  progress: Progress,
): Promise<Ending<SliceEnd>> {
  const { handlers, handlerTimeoutMs, handlersRole } = settings;
  const isHandled = (event: string, action: string | null) =>
    handlers.some((handler) => matches(handler.on, event, action));
  const { incarnation } = fence;
  const decisions = decide(records, { ...known, ...settings.replays, incarnation, failed, isHandled });
  const { fitting, stored } = await makeRoom(tx, settings.lanes, fence, records, decisions, known);
  const decided = records.slice(0, fitting).map((record, i) => ({ record, ...(decisions[i] as Decision) }));
  const last = decided.at(-1)?.record;
  if (!last) return rollback({ success: false, reason: 'LANES_FULL', record: records[0] as DeliveryRecord });

  const processed = decided.flatMap(({ record, decision }) =>
    decision === 'processed' && isDelivery(record) ? [record] : [],
  );
  progress.handlersRan = processed.length > 0;
  const ran = await runHandlers(handlers, processed.map(handledDelivery), {
    tx,
    signal,
    timeoutMs: handlerTimeoutMs,
    handlersRole,
    trace,
  });
  if (!ran.success) {
    const { failure } = ran;
    const record = failure.index === null ? null : (processed[failure.index] ?? null);
    return rollback({ success: false, reason: 'HANDLER_FAILED', failure, record });
  }

  const effects = ran.effects.map(({ index, ...effect }) => {
    return { ...effect, record: processed[index] as DeliveryRecord, incarnation };
  });
  progress.effectsWritten = effects.length > 0;
  const [laneDueInMs, nextOffset] = await allAnswered([
    writeOutcome(tx, fence, { decided, known, failed, stored, effects }),
    advancePast(tx, fence, (records[0] as LogRecord).offset, last, noted),
  ]);
  for (const { record, decision } of decided) if (isDelivery(record)) trace.decided(record, decision);
  return commit({ success: true, nextOffset, decided, laneDueInMs });
}

/** How many of the records there is room for, and the bodies of those that are parked. Asks only when some are. */
async function makeRoom(
  tx: Queryable,
  limits: LaneLimits,
  fence: Fence,
  records: readonly LogRecord[],
  decisions: readonly Decision[],
  { lanes }: Pick<KnownOfSlice, 'lanes'>,
): Promise<{ fitting: number; stored: Map<bigint, StoredBody> }> {
  const stored = new Map<bigint, StoredBody>();
  for (const [i, record] of records.entries()) {
    const { decision, again } = decisions[i] as Decision;
    if ((decision === 'parked' || again) && isDelivery(record)) {
      stored.set(record.offset, storedBytes(record.delivery.body));
    }
  }
  if (stored.size === 0) return { fitting: records.length, stored };
  const sizes = records.map(({ offset }) => stored.get(offset)?.bytes.length ?? 0);
  const fill = { byKey: lanes, totalBytes: await readLaneBytes(tx, fence) };
  const fitting = countFitting(records, sizes, fill, limits);
  // What runs again goes into its lane behind what is parked before it, and before what comes after it.
  const firstAgain = decisions.findIndex(({ again }) => again !== undefined);
  return { fitting: firstAgain < 0 ? fitting : Math.min(fitting, firstAgain + 1), stored };
}
