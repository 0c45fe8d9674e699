import type { Queryable } from '../database.ts';

/** Where relays listen for hints. */
export const OUTBOX_CHANNEL = 'hookline_outbox';

/**
 * Tells relays that there may be something to send. Never within a transaction that does more: those that notify commit
 * one after another, in the whole cluster.
 */
export async function hintRelays(database: Queryable): Promise<void> {
  await database.query(`select pg_notify('${OUTBOX_CHANNEL}', '')`);
}
