import { storedDelivery, type StoredDelivery, type StoredRow } from './stored-delivery.ts';

/** A delivery that is not run until an operator has decided; or about which one has (its body is gone then). */
export interface HeldView extends StoredDelivery {
  /** `suspected-replay`, `other-event`. */
  reason: string;
  state: 'held' | 'released' | 'discarded';
  /** What it looks like a replay of. */
  knownGuid: string;
  knownEvent: string;
  arrivals: number;
  /** A decision names the one that it was made on. */
  generation: number;
  heldAt: Date;
  lastArrivalAt: Date;
  /** When an operator has decided; null: it is held. */
  settledAt: Date | null;
}

export interface HeldRow extends StoredRow {
  reason: string;
  state: HeldView['state'];
  known_guid: string;
  known_event: string;
  arrivals: string;
  generation: number;
  held_at: Date;
  last_arrival_at: Date;
  settled_at: Date | null;
}

export const HELD_COLUMNS =
  'reason, state, known_guid, known_event, arrivals, generation, held_at, last_arrival_at, settled_at';

export function heldDelivery(row: HeldRow): HeldView {
  return {
    ...storedDelivery(row),
    reason: row.reason,
    state: row.state,
    knownGuid: row.known_guid,
    knownEvent: row.known_event,
    arrivals: Number(row.arrivals),
    generation: row.generation,
    heldAt: row.held_at,
    lastArrivalAt: row.last_arrival_at,
    settledAt: row.settled_at,
  };
}
