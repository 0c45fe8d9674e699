/** Which dead letters a decision is about: those that are in this state now, and that all of this is true of. */
export interface DeadTargetFilter {
  state: 'dead' | 'discarded';
  /** Null: whatever it is; so for all that follows. */
  ids: readonly bigint[] | null;
  fingerprint: string | null;
  orderingKey: string | null;
  handler: string | null;
  /** Dead, or discarded, by then: what is so only while a decision is carried out is not of it. */
  until: Date | null;
}

/**
 * SQL: dead letters, as `letter`, each with its delivery, as `dead`. A lateral look-up, so that it is one index probe for
 * each whatever the planner believes: of tables that have just grown it believes anything.
 */
export const LETTERS_WITH_DELIVERIES = `hookline.dead_letters letter
      cross join lateral (
            select ordering_key, appended_at
              from hookline.dead_deliveries
             where consumer_group = letter.consumer_group and topic = letter.topic
               and kafka_partition = letter.kafka_partition and incarnation = letter.incarnation
               and kafka_offset = letter.kafka_offset
             limit 1) as dead`;

/**
 * SQL: whether `letter`, of the delivery `dead`, is one of them. Adds its values to those of the statement. What is not
 * asked for is no condition, so that the planner can use the index of what is.
 */
export function chosenLetter(filter: DeadTargetFilter, values: unknown[]): string {
  const { state, ids, fingerprint, orderingKey, handler, until } = filter;
  const conditions = [`letter.state = '${state}'`];
  const add = (condition: string, value: unknown) => {
    if (value !== null) conditions.push(condition.replace('?', () => `$${values.push(value)}`));
  };
  add('letter.dead_letter_id = any(?::bigint[])', ids);
  add('letter.error_fingerprint = ?', fingerprint);
  add('dead.ordering_key = ?', orderingKey);
  add('letter.handler = ?', handler);
  add(`letter.${state === 'dead' ? 'dead_at' : 'settled_at'} <= ?::timestamptz`, until);
  return conditions.join(' and ');
}
