import type { Queryable } from '../database.ts';
import { OUTBOX_CHANNEL } from './hint-relays.ts';

/** The hint that {@link hintShards} gives. */
export const SHARDS_HINT = 'shards';

/** Tells relays that there may be shards to take, or to give back. In a transaction of its own, as every hint. */
export async function hintShards(database: Queryable): Promise<void> {
  await database.query(`select pg_notify('${OUTBOX_CHANNEL}', '${SHARDS_HINT}')`);
}
