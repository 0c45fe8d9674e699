import type { DeliveryFlag, RecordDecision } from '@hookline/contracts';
import { identityKey, type DeadIdentity, type Identity, type KnownIdentity, type LogPlace } from '@hookline/database';
import { isControl, isDelivery, type DeliveryRecord, type LogRecord } from './record.ts';

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
  /** What waits in a lane, by identity. */
  waiting: Pick<ReadonlyMap<string, Waits>, 'get'>;
  /** What waits in a lane, by payload ({@link payloadKey}). */
  waitingPayloads: Pick<ReadonlyMap<string, { guid: string; event: string }>, 'get'>;
  /** What has died, by identity. */
  dead: Pick<ReadonlyMap<string, DeadIdentity>, 'get'>;
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
  hold?: { reason: 'suspected-replay' | 'other-event'; known: { guid: string; event: string } };
  /** Of `reset`: the dead delivery whose handlers are to run again; absent where it only waits already. */
  again?: DeadIdentity;
}

/** What has become of an identity earlier in the slice. */
interface Earlier {
  event: string;
  decision: 'processed' | 'parked' | 'reset' | 'held' | 'discarded';
}

/** What makes two payloads the same, whatever the GUID. */
export function payloadKey({ delivery }: Pick<DeliveryRecord, 'delivery'>): string {
  return `${delivery.digest.toString('base64')}:${delivery.dedupScope}`;
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
  const slice = createSliceMemory();
  return records.map((record) => {
    if (isControl(record)) throw new Error('Control records are not decided among deliveries.');
    if (!isDelivery(record)) return { decision: record.isEndMark ? 'ignored' : 'dead-lettered', flags: [] };
    const decision = decideDelivery(record, known, slice);
    slice.note(record, decision);
    return decision;
  });
}

type SliceMemory = ReturnType<typeof createSliceMemory>;

function createSliceMemory() {
  const identities = new Map<string, Earlier>();
  const payloads = new Map<string, { guid: string; event: string }>();
  const guids = new Map<string, string>();
  const opened = new Set<string>();
  const guidKey = ({ delivery: { guid, dedupScope } }: DeliveryRecord) => `${guid}:${dedupScope}`;
  return {
    of: (identity: Identity) => identities.get(identityKey(identity)),
    twin: (record: DeliveryRecord) => payloads.get(payloadKey(record)),
    reusesGuid(record: DeliveryRecord): boolean {
      const payload = guids.get(guidKey(record));
      return payload !== undefined && payload !== payloadKey(record);
    },
    isOpen: (orderingKey: string) => opened.has(orderingKey),
    note(record: DeliveryRecord, { decision, again }: Decision): void {
      if (decision === 'reset' && !again) return;
      if (again || decision === 'parked') opened.add(record.orderingKey);
      if (!isKept(decision)) return;
      const { guid, event } = record.delivery;
      const identity = identityKey(record.delivery);
      if (!identities.has(identity)) identities.set(identity, { event, decision });
      if (!payloads.has(payloadKey(record))) payloads.set(payloadKey(record), { guid, event });
      if (!guids.has(guidKey(record))) guids.set(guidKey(record), payloadKey(record));
    },
  };
}

function isKept(decision: RecordDecision): decision is Earlier['decision'] {
  return ['processed', 'parked', 'reset', 'held', 'discarded'].includes(decision);
}

function decideDelivery(record: DeliveryRecord, known: Known, slice: SliceMemory): Decision {
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
  const identity = identityKey(record.delivery);
  const about = identities.get(record.offset);
  const places = [about?.claim?.place, about?.held?.seen, waiting.get(identity)?.place, dead.get(identity)?.seen];
  return places.some((place) => place && place.incarnation === incarnation && record.offset <= place.offset);
}

/** Of an identity that is known; null: it is not. */
function decideKnown(
  { delivery, offset }: DeliveryRecord,
  known: Known,
  slice: SliceMemory,
  isHandled: boolean,
): Decision | null {
  const identity = identityKey(delivery);
  const claim = known.identities.get(offset)?.claim;
  const waits = known.waiting.get(identity);
  const earlier = slice.of(delivery);
  const events = [waits?.event, earlier?.event, claim?.event].filter((event) => event !== undefined);
  if (events.length === 0) return null;
  if (!events.includes(delivery.event)) {
    const flags: DeliveryFlag[] = ['other-event'];
    if (!isHandled) return { decision: 'ignored', flags };
    const [event] = events as [string];
    return { decision: 'held', flags, hold: { reason: 'other-event', known: { guid: delivery.guid, event } } };
  }
  if (waits?.event === delivery.event) return { decision: 'reset', flags: [] };
  if (earlier?.event === delivery.event) return again(earlier);
  const dead = claim?.outcome === 'dead' ? known.dead.get(identity) : undefined;
  if (dead && dead.handlers.length > 0) return { decision: 'reset', flags: [], again: dead };
  return { decision: 'duplicate', flags: [] };
}

/** Of an identity that was decided earlier in the slice, under the same event. */
function again({ decision, event }: Earlier): Decision {
  if (decision === 'parked' || decision === 'reset') return { decision: 'reset', flags: [] };
  if (decision !== 'held') return { decision: 'duplicate', flags: [] };
  // What it is held for was said with the first.
  return { decision: 'held', flags: [], hold: { reason: 'suspected-replay', known: { guid: '', event } } };
}

function decideNew(record: DeliveryRecord, known: Known, slice: SliceMemory): Decision {
  const { delivery, orderingKey, offset } = record;
  const { event, action, source } = delivery;
  const about = known.identities.get(offset);
  const flags: DeliveryFlag[] = [];
  const twin = about?.twin ?? known.waitingPayloads.get(payloadKey(record)) ?? slice.twin(record);
  if (about?.held?.guid === delivery.guid || twin) {
    const by = twin ?? { guid: delivery.guid, event };
    if (twin && by.event === event && known.canRepeat(event, action)) {
      flags.push('repeated-payload');
    } else {
      flags.push('suspected-replay');
      const policy = about?.held?.guid === delivery.guid ? 'hold' : known.replayPolicy(source, event);
      if (policy === 'hold') return { decision: 'held', flags, hold: { reason: 'suspected-replay', known: by } };
      if (policy === 'suppress') return { decision: 'discarded', flags };
    }
  } else if (about?.reusedGuid || slice.reusesGuid(record)) {
    flags.push('reused-guid');
  }
  const parked = known.failed.has(offset) || known.lanes.has(orderingKey) || slice.isOpen(orderingKey);
  return { decision: parked ? 'parked' : 'processed', flags };
}
