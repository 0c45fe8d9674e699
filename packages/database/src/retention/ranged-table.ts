/** The tables kept in ranges of time that are dropped when they are old. */
export type RangedTable = 'processed_deliveries' | 'audit_log' | 'settled_effects';

/** An attached range, or what an interrupted drop has left of one. */
export interface OldRange {
  table: RangedTable;
  name: string;
  /** Milliseconds since the Unix epoch; the end itself belongs to the next range. */
  from: number;
  to: number;
  /** On disk, indexes included. */
  bytes: number;
  /** `pending` and `detached`: a drop was interrupted. */
  state: 'attached' | 'pending' | 'detached';
}

/**
 * What a range is marked with before it is detached: a detached table without the mark is somebody's archive, and is left
 * alone.
 */
export const DROP_MARK = 'hookline: to be dropped';
