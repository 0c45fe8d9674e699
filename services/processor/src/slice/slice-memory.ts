import type { RecordDecision } from '@hookline/contracts';
import type { DeliveryRecord } from './record.ts';

/** By which GUID and event a payload is known. */
export interface KnownAs {
  guid: string;
  event: string;
}

/** What was decided earlier in a slice about one record's identity, payload and key. */
export interface EarlierInSlice {
  /** The event under which its identity is claimed, or waits in a lane. */
  claimed: string | undefined;
  waits: string | undefined;
  /** What has the same payload, and another GUID. */
  twins: readonly KnownAs[];
  /** Its GUID is claimed with another payload. */
  reusesGuid: boolean;
  /** Its key's lane was opened. */
  isOpen: boolean;
}

/**
 * What the database will know once the slice is committed, so that nothing depends on where the log is cut into slices.
 * What is decided later in a slice finds here what it would find there from the next slice on.
 */
export interface SliceMemory {
  about(record: DeliveryRecord): EarlierInSlice;
  note(record: DeliveryRecord, decided: { decision: RecordDecision; again?: object }): void;
}

/** A delivery that has claimed its identity, waits or is held. */
interface Noted extends KnownAs {
  dedupScope: string;
  digest: Buffer;
  isClaimed: boolean;
  waits: boolean;
}

export function createSliceMemory(): SliceMemory {
  const byPayload = new Map<string, Noted[]>();
  const claimedByGuid = new Map<string, Noted[]>();
  const opened = new Set<string>();

  return {
    about({ delivery: { guid, digest, dedupScope }, orderingKey }) {
      const samePayload = inScope(byPayload.get(payloadKey(digest)), dedupScope);
      const sameGuid = inScope(claimedByGuid.get(guid), dedupScope);
      return {
        claimed: samePayload.find((one) => one.guid === guid && one.isClaimed)?.event,
        waits: samePayload.find((one) => one.guid === guid && one.waits)?.event,
        twins: samePayload.filter((one) => one.guid !== guid),
        reusesGuid: sameGuid.some((one) => !one.digest.equals(digest)),
        isOpen: opened.has(orderingKey),
      };
    },
    note({ delivery: { guid, event, digest, dedupScope }, orderingKey }, { decision, again }) {
      const waits = decision === 'parked' || again !== undefined;
      const isClaimed = decision === 'processed' || decision === 'discarded';
      if (waits) opened.add(orderingKey);
      if (!waits && !isClaimed && decision !== 'held') return;
      const noted: Noted = { guid, event, dedupScope, digest, isClaimed, waits };
      append(byPayload, payloadKey(digest), noted);
      if (isClaimed) append(claimedByGuid, guid, noted);
    },
  };
}

/** A byte is a character, so that it is equal exactly for equal digests; the cheapest of the encodings. */
function payloadKey(digest: Buffer): string {
  return digest.toString('latin1');
}

function inScope(noted: readonly Noted[] | undefined, dedupScope: string): readonly Noted[] {
  return noted === undefined ? NONE : noted.filter((one) => one.dedupScope === dedupScope);
}

const NONE: readonly Noted[] = [];

function append<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
