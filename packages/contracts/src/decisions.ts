/** What became of a record when it was read from the log. Each record of the log has exactly one of these. */
export const RECORD_DECISIONS = [
  'processed',
  'duplicate',
  'ignored',
  'parked',
  'reset',
  'held',
  'discarded',
  'reread',
  'dead-lettered',
  'applied',
  'refused',
] as const;

/**
 * Of a delivery:
 *
 * - `processed`: its identity was claimed and every handler that asked for it ran, in this very transaction
 * - `duplicate`: the identity had been claimed already; nothing ran
 * - `ignored`: no handler asks for its event; claims nothing, so that a handler deployed later gets a redelivery
 * - `parked`: moved into its key's lane, because it failed or because the lane was open
 * - `reset`: the identity is dead, and its dead handlers ran, or will in the lane; or it waits in a lane already, and its
 *   next try is due now if it is the head
 * - `held`: it is not run until an operator has decided; or it is held already, and was counted
 * - `discarded`: a policy has it discarded, like an operator's decision: claimed, and not run
 * - `reread`: this place of the log has had its effect before; nothing ran
 * - `dead-lettered`: its event cannot be that of its payload; or a reset failed again; or it is no record of ours
 *
 * Of a control record:
 *
 * - `applied`: what it says was done, here or by the lane that it went to
 * - `refused`: the state was another than it was decided on; nothing was done
 * - `duplicate`: a command of this id was applied or refused before; nothing was done
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

/**
 * What an operator's command did to a key, a dead letter, a held delivery or an effect; one row for each that it was done to.
 *
 * - `held`, `released`: the lane of the key waits for an operator, or no longer
 * - `retried`, `skipped`: the head of a lane is due now, or was made a dead letter without another try
 * - `redriven`: dead handlers ran again, or will in the lane; a dead effect will be sent
 * - `released`, `discarded`: of what was held; dead letters and dead effects are discarded, too
 * - `erased`: bodies and personal columns are gone
 */
export type OperatorDecision = 'held' | 'released' | 'retried' | 'skipped' | 'redriven' | 'discarded' | 'erased';

/**
 * What is worth an operator's look about a delivery, whatever was decided.
 *
 * - `event-mismatch`: the event cannot be that of the payload
 * - `other-event`: the identity is known under another event
 * - `suspected-replay`: the payload is known under another GUID, and identifies its event
 * - `repeated-payload`: the payload is known under another GUID, and its event can repeat byte for byte
 * - `reused-guid`: the GUID is known with another payload
 */
export const DELIVERY_FLAGS = [
  'event-mismatch',
  'other-event',
  'suspected-replay',
  'repeated-payload',
  'reused-guid',
] as const;

export type DeliveryFlag = (typeof DELIVERY_FLAGS)[number];
