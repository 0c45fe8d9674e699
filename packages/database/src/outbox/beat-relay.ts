import type { Queryable } from '../database.ts';
import { IS_SENT_FROM } from './shard.ts';

/** How many relays share how many shards. */
export interface RelayCount {
  relays: number;
  shards: number;
}

/**
 * Says that this relay is there for `leaseMs`, by the database's clock, and counts who is. Those that have said nothing
 * for long are forgotten.
 */
export async function beatRelay(database: Queryable, relay: string, leaseMs: number): Promise<RelayCount> {
  await database.query(
    `insert into hookline.relays (relay, alive_until)
     values ($1, clock_timestamp() + $2::float8 * interval '1 ms')
         on conflict (relay) do update set alive_until = excluded.alive_until`,
    [relay, leaseMs],
  );
  await database.query(
    `delete from hookline.relays
      where relay in (select relay from hookline.relays
                       where alive_until < clock_timestamp() - $1::float8 * interval '1 ms'
                         for update skip locked)`,
    [10 * leaseMs],
  );
  return countRelays(database);
}

/** How many relays are there, by the database's clock, and how many shards there is something to send of. */
export async function countRelays(database: Queryable): Promise<RelayCount> {
  const { rows } = await database.query<{ relays: number; shards: number }>(
    `select (select count(*)::integer from hookline.relays where alive_until >= clock_timestamp()) as relays,
            (select count(*)::integer from hookline.outbox_shards as shard where ${IS_SENT_FROM}) as shards`,
  );
  return rows[0] as RelayCount;
}

/** This relay is gone: the others share its shards from now on. */
export async function leaveRelays(database: Queryable, relay: string): Promise<void> {
  await database.query('delete from hookline.relays where relay = $1', [relay]);
}
