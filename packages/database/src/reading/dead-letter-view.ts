import type { DeadLetterState } from './dead-letter-filter.ts';

/** One handler's failure for good; without a handler, that of a record that cannot be handled. */
export interface DeadLetterView {
  id: bigint;
  topic: string;
  partition: number;
  incarnation: number;
  offset: bigint;
  handler: string | null;
  reason: string;
  state: DeadLetterState;
  attempts: number;
  /** Runs that it has had: a decision names the one that it was made on. */
  generation: number;
  occurrences: number;
  fingerprint: string;
  message: string;
  stack: string | null;
  deadAt: Date;
  settledAt: Date | null;
}

export interface LetterRow extends Record<string, unknown> {
  dead_letter_id: string;
  topic: string;
  kafka_partition: number;
  incarnation: number;
  kafka_offset: string;
  handler: string | null;
  reason: string;
  state: DeadLetterState;
  attempts: number;
  generation: number;
  occurrences: string;
  error_fingerprint: string;
  error_message: string;
  error_stack: string | null;
  dead_at: Date;
  settled_at: Date | null;
}

export const LETTER_COLUMNS = `dead_letter_id, letter.topic, letter.kafka_partition, letter.incarnation,
            letter.kafka_offset, handler, reason, letter.state, attempts, generation, occurrences, error_fingerprint,
            error_message, error_stack, dead_at, settled_at`;

export function deadLetter(row: LetterRow): DeadLetterView {
  return {
    id: BigInt(row.dead_letter_id),
    topic: row.topic,
    partition: row.kafka_partition,
    incarnation: row.incarnation,
    offset: BigInt(row.kafka_offset),
    handler: row.handler,
    reason: row.reason,
    state: row.state,
    attempts: row.attempts,
    generation: row.generation,
    occurrences: Number(row.occurrences),
    fingerprint: row.error_fingerprint,
    message: row.error_message,
    stack: row.error_stack,
    deadAt: row.dead_at,
    settledAt: row.settled_at,
  };
}
