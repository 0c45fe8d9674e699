/** What became of a record of the log, as the audit says it. One record has one of these. */
export const RECORD_DECISIONS = ['processed', 'duplicate', 'ignored'] as const;

/**
 * - `processed`: its identity was claimed and every handler that asked for it ran, in this very transaction
 * - `duplicate`: the identity had been claimed already; nothing ran
 * - `ignored`: no handler asks for its event; claims nothing, so that a handler deployed later gets a redelivery
 */
export type RecordDecision = (typeof RECORD_DECISIONS)[number];
