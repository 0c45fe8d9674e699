/** What became of a record when it was read from the log. Each record of the log has exactly one of these. */
export const RECORD_DECISIONS = ['processed', 'duplicate', 'ignored', 'parked', 'reset', 'dead-lettered'] as const;

/**
 * - `processed`: its identity was claimed and every handler that asked for it ran, in this very transaction
 * - `duplicate`: the identity had been claimed already; nothing ran
 * - `ignored`: no handler asks for its event; claims nothing, so that a handler deployed later gets a redelivery
 * - `parked`: moved into its key's lane, because it failed or because the lane was open
 * - `reset`: the identity waits in a lane already; its next try is due now if it is the head
 * - `dead-lettered`: it is no delivery; kept by its place in the log
 */
export type RecordDecision = (typeof RECORD_DECISIONS)[number];

/**
 * What became of a delivery in its lane.
 *
 * - `processed`: every handler that asked for it ran; it has left the lane
 * - `ignored`: no handler asks for it any more, and none ever ran; it has left the lane unclaimed
 * - `retried`: a try failed, or was put off; it stays the head
 * - `dead-lettered`: its attempts are exhausted, and at least one handler is dead; it has left the lane
 * - `held`: the lane waits for an operator
 */
export type LaneDecision = 'processed' | 'ignored' | 'retried' | 'dead-lettered' | 'held';

/** What an operator's command did to a halted partition. */
export type PartitionDecision = 'resumed' | 'refused';
