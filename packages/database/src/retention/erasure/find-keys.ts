import type { Queryable } from '../../database.ts';

/** Tables that know a delivery's repository beside its key. */
const OF_DELIVERIES = [
  'lane_deliveries',
  'dead_deliveries',
  'held_deliveries',
  'outbox',
  'settled_effects',
  'audit_log',
];

/**
 * The keys `<namespace>/<kind>/<id>`, of all namespaces, of which anything is known: what waits, is dead, held, asked for, or was
 * handled by the built-in projection, and what the audit has. A repository is found under the key of its owner, too: its own
 * key, by which nothing may be ordered then, is its name here. Reads the whole audit.
 */
export async function findKeys(on: Queryable, kind: 'repository' | 'sender', id: string): Promise<string[]> {
  const named = OF_DELIVERIES.map(
    (table) => `select split_part(ordering_key, '/', 1) || $1 from hookline.${table} where repository_id = $2`,
  );
  const { rows } = await on.query<{ ordering_key: string }>(
    `select distinct ordering_key
       from (select ordering_key from hookline.lanes
              union all select ordering_key from hookline.lane_deliveries
              union all select ordering_key from hookline.dead_deliveries
              union all select ordering_key from hookline.held_deliveries
              union all select ordering_key from hookline.outbox
              union all select ordering_key from hookline.settled_effects
              union all select ordering_key from hookline.repository_activity
              union all select ordering_key from hookline.audit_log
              union all ${named.join(' union all ')}) as known
      where right(ordering_key, length($1)) = $1
      order by 1`,
    [`/${kind}/${id}`, kind === 'repository' ? id : null],
  );
  return rows.map((row) => row.ordering_key);
}
