export const DEAD_LETTER_STATES = ['dead', 'waiting', 'redriven', 'discarded'] as const;

export type DeadLetterState = (typeof DEAD_LETTER_STATES)[number];

/** What a dead letter must be like; null: anything. */
export interface DeadLetterFilter {
  state: DeadLetterState | null;
  fingerprint: string | null;
  handler: string | null;
  orderingKey: string | null;
  event: string | null;
  since: Date | null;
}

/** SQL: dead letters with their deliveries, that are like this; values from $1 to $6, {@link filterValues}. */
export const FILTERED_LETTERS = `hookline.dead_letters letter
       join hookline.dead_deliveries dead using (consumer_group, topic, kafka_partition, incarnation, kafka_offset)
      where ($1::text is null or letter.state = $1) and ($2::text is null or error_fingerprint = $2)
        and ($3::text is null or handler = $3) and ($4::text is null or dead.ordering_key = $4)
        and ($5::text is null or dead.event = $5) and ($6::timestamptz is null or dead_at >= $6)`;

export function filterValues(filter: DeadLetterFilter): unknown[] {
  return [filter.state, filter.fingerprint, filter.handler, filter.orderingKey, filter.event, filter.since];
}
