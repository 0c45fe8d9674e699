/**
 * Why a partition waits for a human: what is in the log and what is in the database do not go together, and going on
 * could skip records or run them twice.
 *
 * - `DATABASE_WITHOUT_OFFSET`: the group has processed the partition, and the database knows nothing of it
 * - `DATABASE_BEHIND`: the group has committed more than the database has: an earlier state was restored
 * - `LOG_TOO_SHORT`: the log ends below what was processed: recreated, or truncated
 * - `LOG_EXPIRED`: the log begins above what was processed: records have gone unread
 * - `LOG_DIFFERS`: the last record that was processed is another one now: recreated and filled again
 * - `LOG_DISCONTINUED`: while it was read, the log did not go on where the last record ended
 * - `OFFSET_MOVED`: somebody else has raised the stored offset past what its owner read
 * - `RECORD_REFUSED`: the database refuses what a record holds, outside any handler
 */
export const HALT_REASONS = [
  'DATABASE_WITHOUT_OFFSET',
  'DATABASE_BEHIND',
  'LOG_TOO_SHORT',
  'LOG_EXPIRED',
  'LOG_DIFFERS',
  'LOG_DISCONTINUED',
  'OFFSET_MOVED',
  'RECORD_REFUSED',
] as const;

export type HaltReason = (typeof HALT_REASONS)[number];

/**
 * From where a halted partition goes on.
 *
 * - `stored`: from the stored offset, as it is
 * - `log-start`: from the lowest offset that the log still has
 * - `offset`: from an offset that the operator names
 */
export type ResumePoint = 'stored' | 'log-start' | 'offset';

const CHOICES: Record<HaltReason, readonly ResumePoint[]> = {
  // There is no stored offset.
  DATABASE_WITHOUT_OFFSET: ['log-start', 'offset'],
  DATABASE_BEHIND: ['stored', 'log-start', 'offset'],
  // The stored offset is not in the log: it would halt again at once.
  LOG_TOO_SHORT: ['log-start', 'offset'],
  LOG_EXPIRED: ['log-start', 'offset'],
  LOG_DIFFERS: ['stored', 'log-start', 'offset'],
  LOG_DISCONTINUED: ['stored', 'log-start', 'offset'],
  OFFSET_MOVED: ['stored', 'offset'],
  // Everything before the record is processed: again, or past it.
  RECORD_REFUSED: ['stored', 'offset'],
};

/** What a human can choose for this halt; what is left out cannot help. A reason of another release has every choice. */
export function resumeChoices(reason: string): readonly ResumePoint[] {
  return CHOICES[reason as HaltReason] ?? ['stored', 'log-start', 'offset'];
}
