/**
 * Every code that an error of ours can carry. The set is closed so that what programs branch on, alerts match and
 * the documentation lists cannot drift apart: a new kind of failure needs a line here.
 *
 * - `ADDRESS_IN_USE`: another process listens on the address that we were told to listen on
 * - `KAFKA_UNAVAILABLE`: no broker answered in time
 * - `TOPIC_MISSING`, `TOPIC_MISMATCH`: the topic is not there, or not as we need it (partitions, sizes, retention)
 * - `TOPIC_REFUSED`: Kafka refused to create the topic, and said why
 * - `REGISTRY_UNAVAILABLE`: the schema registry refused the connection or did not answer in time
 * - `SCHEMA_UNKNOWN`: the registry answers, and does not know the schema
 * - `SCHEMA_INCOMPATIBLE`: the registry refused our schema beside the versions that it has
 * - `DATABASE_UNAVAILABLE`: PostgreSQL refused the connection or did not answer in time
 * - `DATABASE_MISMATCH`: the database answers, and its migrations or recorded settings are not those we need
 * - `MIGRATION_FAILED`: a migration did not go through; the database is as before it
 */
export type ErrorCode =
  | 'ADDRESS_IN_USE'
  | 'KAFKA_UNAVAILABLE'
  | 'TOPIC_MISSING'
  | 'TOPIC_MISMATCH'
  | 'TOPIC_REFUSED'
  | 'REGISTRY_UNAVAILABLE'
  | 'SCHEMA_UNKNOWN'
  | 'SCHEMA_INCOMPATIBLE'
  | 'DATABASE_UNAVAILABLE'
  | 'DATABASE_MISMATCH'
  | 'MIGRATION_FAILED';

/** An error that we foresaw. The message says what happened and what to do; the cause is what was caught. */
export class HooklineError extends Error {
  override readonly name = 'HooklineError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
