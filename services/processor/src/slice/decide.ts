import type { DeliveryFlag, RecordDecision } from '@hookline/contracts';
import type { DeadIdentity, KnownIdentity, LogPlace } from '@hookline/database';
import { isControl, isDelivery, type DeliveryRecord, type LogRecord } from './record.ts';
import { createSliceMemory, type EarlierInSlice, type KnownAs } from './slice-memory.ts';

/** A delivery that waits in its key's lane. */
export interface Waits {
  event: string;
  place: LogPlace;
}

/** What is done about a payload that is known under another GUID, and identifies its event. */
export type ReplayPolicy = 'hold' | 'process' | 'suppress';

/** All that a decision depends on. It has been read under the fence, so that nothing of it changes before COMMIT. */
export interface Known {
  /** Which log the records are of. */
  incarnation: number;
  /** What the claims and what is held say, by the record's offset. */
  identities: Pick<ReadonlyMap<bigint, KnownIdentity>, 'get'>;
  /** What waits in a lane with its identity, under its event if there is such, by the record's offset. */
  waiting: Pick<ReadonlyMap<bigint, Waits>, 'get'>;
  /** What waits in a lane with its payload under another GUID, under its event if there is such, by the record's offset. */
  waitingPayloads: Pick<ReadonlyMap<bigint, KnownAs>, 'get'>;
  /** What has died with its identity and event, by the record's offset. */
  dead: Pick<ReadonlyMap<bigint, DeadIdentity>, 'get'>;
  /** Ordering keys whose lane is open. */
  lanes: Pick<ReadonlySet<string>, 'has'>;
  /** Offsets of records that have failed alone: they are parked without another run. */
  failed: Pick<ReadonlySet<bigint>, 'has'>;
  isHandled: (event: string, action: string | null) => boolean;
  /** Whether two deliveries of an event can have the same payload, byte for byte. */
  canRepeat: (event: string, action: string | null) => boolean;
  replayPolicy: (source: string, event: string) => ReplayPolicy;
}

/** What becomes of a record, with all that is to be done about it. */
export interface Decision {
  decision: RecordDecision;
  flags: DeliveryFlag[];
  /** Of `held`: why, and by which delivery the payload is known. */
  hold?: { reason: 'suspected-replay' | 'other-event'; known: KnownAs };
  /** Of `reset`: the dead delivery whose handlers are to run again; absent where it only waits already. */
  again?: DeadIdentity;
}

/**
 * What becomes of each record, in log order: the state machine of an identity, as ARCHITECTURE.md draws it. Pure. Control
 * records are not decided here. What is no record of ours is a dead letter; but the mark that a topic generation ends is
 * ignored.
 *
 * The first that applies decides:
 *
 * 1. its place had its effect before: it is read again, and nothing runs
 * 2. its event cannot be that of its payload: a dead letter; nothing is claimed, so that the genuine one can come
 * 3. its identity is known under another event: held; neither a duplicate nor a reset, for one of the two is forged
 * 4. its identity waits, is dead, or is claimed: reset, or duplicate
 * 5. no handler asks for it: it claims nothing, so that a handler deployed later still gets its redelivery
 * 6. its identity is held: counted
 * 7. its payload is known under another GUID, which is not signed: a suspected replay, where the payload identifies its
 *    event; else it is processed
 * 8. it is processed; parked where it has failed, or behind what waits under its key
 */
export function decide(records: readonly LogRecord[], known: Known): Decision[] {
  const memory = createSliceMemory();
  return records.map((record) => {
    if (isControl(record)) throw new Error('Control records are not decided among deliveries.');
    if (!isDelivery(record)) return { decision: record.isEndMark ? 'ignored' : 'dead-lettered', flags: [] };
    const decision = decideDelivery(record, known, memory.about(record));
    memory.note(record, decision);
    return decision;
  });
}

function decideDelivery(record: DeliveryRecord, known: Known, slice: EarlierInSlice): Decision {
  const { delivery } = record;
  if (isReread(record, known)) return { decision: 'reread', flags: [] };
  if (delivery.eventProblem !== null) return { decision: 'dead-lettered', flags: ['event-mismatch'] };
  const isHandled = known.isHandled(delivery.event, delivery.action);
  const told = decideKnown(record, known, slice, isHandled);
  if (told) return told;
  if (!isHandled) return { decision: 'ignored', flags: [] };
  return decideNew(record, known, slice);
}

/** A place in the log at or below the last one that has done something about the identity, or its payload. */
function isReread(record: DeliveryRecord, { incarnation, identities, waiting, dead }: Known): boolean {
  const { offset } = record;
  const reaches = (place: LogPlace | null | undefined) => place?.incarnation === incarnation && offset <= place.offset;
  const about = identities.get(offset);
  if (about && (reaches(about.claim?.place) || reaches(about.held?.seen))) return true;
  return reaches(waiting.get(offset)?.place) || reaches(dead.get(offset)?.seen);
}

/** Of an identity that is known; null: it is not. */
function decideKnown(
  { delivery, offset }: DeliveryRecord,
  known: Known,
  slice: EarlierInSlice,
  isHandled: boolean,
): Decision | null {
  const claim = known.identities.get(offset)?.claim;
  const waits = known.waiting.get(offset)?.event ?? slice.waits;
  const claimed = claim?.event ?? slice.claimed;
  const event = waits ?? claimed;
  if (event === undefined) return null;
  if (waits !== delivery.event && claimed !== delivery.event) {
    const flags: DeliveryFlag[] = ['other-event'];
    if (!isHandled) return { decision: 'ignored', flags };
    return { decision: 'held', flags, hold: { reason: 'other-event', known: { guid: delivery.guid, event } } };
  }
  if (waits === delivery.event) return { decision: 'reset', flags: [] };
  const dead = claim?.outcome === 'dead' ? known.dead.get(offset) : undefined;
  if (dead && dead.handlers.length > 0) return { decision: 'reset', flags: [], again: dead };
  return { decision: 'duplicate', flags: [] };
}

function decideNew(record: DeliveryRecord, known: Known, slice: EarlierInSlice): Decision {
  const { delivery, orderingKey, offset } = record;
  const { event, action, source, guid } = delivery;
  const about = known.identities.get(offset);
  const flags: DeliveryFlag[] = [];
  const twin = twinOf(record, known, slice);
  const isHeldAlready = about?.held?.guid === guid;
  if (isHeldAlready || twin) {
    const by = twin ?? { guid, event };
    if (twin && by.event === event && known.canRepeat(event, action)) {
      flags.push('repeated-payload');
    } else {
      flags.push('suspected-replay');
      const policy = isHeldAlready ? 'hold' : known.replayPolicy(source, event);
      if (policy === 'hold') return { decision: 'held', flags, hold: { reason: 'suspected-replay', known: by } };
      if (policy === 'suppress') return { decision: 'discarded', flags };
    }
  } else if (about?.reusedGuid || slice.reusesGuid) {
    flags.push('reused-guid');
  }
  const parked = known.failed.has(offset) || known.lanes.has(orderingKey) || slice.isOpen;
  return { decision: parked ? 'parked' : 'processed', flags };
}

/** By which other GUID the payload is known: under the same event, if under any. */
function twinOf(record: DeliveryRecord, known: Known, slice: EarlierInSlice): KnownAs | undefined {
  const stored = known.identities.get(record.offset)?.twin ?? undefined;
  const waiting = known.waitingPayloads.get(record.offset);
  if (!stored && !waiting && slice.twins.length === 0) return undefined;
  const twins = [stored, waiting, ...slice.twins].filter((twin) => twin !== undefined);
  return twins.find(({ event }) => event === record.delivery.event) ?? twins[0];
}
