import type { RecordDecision } from '@hookline/contracts';
import { identityKey, type Identity } from '@hookline/database';
import type { DeliveryRecord } from './record.ts';

/** By which GUID and event a payload is known. */
export interface KnownAs {
  guid: string;
  event: string;
}

/**
 * What the database will know once the slice is committed, so that nothing depends on where the log is cut into slices.
 * What is decided later in a slice finds here what it would find there from the next slice on.
 */
export interface SliceMemory {
  /** The event under which an identity is claimed, or waits in a lane. */
  claimed(identity: Identity): string | undefined;
  waits(identity: Identity): string | undefined;
  /** What has the same payload, and another GUID. */
  twins(record: DeliveryRecord): KnownAs[];
  /** The GUID is claimed with another payload. */
  reusesGuid(record: DeliveryRecord): boolean;
  /** The key's lane was opened. */
  isOpen(orderingKey: string): boolean;
  note(record: DeliveryRecord, decided: { decision: RecordDecision; again?: object }): void;
}

/** What makes two payloads the same, whatever the GUID. */
export function payloadKey({ delivery }: Pick<DeliveryRecord, 'delivery'>): string {
  return `${delivery.digest.toString('base64')}:${delivery.dedupScope}`;
}

export function createSliceMemory(): SliceMemory {
  const claims = new Map<string, string>();
  const waiting = new Map<string, string>();
  const payloads = new Map<string, KnownAs[]>();
  const guids = new Map<string, Set<string>>();
  const opened = new Set<string>();
  const guidKey = ({ delivery: { guid, dedupScope } }: DeliveryRecord) => `${guid}:${dedupScope}`;

  function put<K, V>(map: Map<K, V>, key: K, value: V): void {
    if (!map.has(key)) map.set(key, value);
  }

  return {
    claimed: (identity) => claims.get(identityKey(identity)),
    waits: (identity) => waiting.get(identityKey(identity)),
    twins: (record) => (payloads.get(payloadKey(record)) ?? []).filter(({ guid }) => guid !== record.delivery.guid),
    reusesGuid: (record) => [...(guids.get(guidKey(record)) ?? [])].some((payload) => payload !== payloadKey(record)),
    isOpen: (orderingKey) => opened.has(orderingKey),
    note(record, { decision, again }) {
      const { delivery, orderingKey } = record;
      const { guid, event } = delivery;
      const waits = decision === 'parked' || again !== undefined;
      const isClaimed = decision === 'processed' || decision === 'discarded';
      if (waits) opened.add(orderingKey);
      if (waits) put(waiting, identityKey(delivery), event);
      if (isClaimed) {
        put(claims, identityKey(delivery), event);
        guids.set(guidKey(record), (guids.get(guidKey(record)) ?? new Set()).add(payloadKey(record)));
      }
      if (waits || isClaimed || decision === 'held') {
        payloads.set(payloadKey(record), [...(payloads.get(payloadKey(record)) ?? []), { guid, event }]);
      }
    },
  };
}
