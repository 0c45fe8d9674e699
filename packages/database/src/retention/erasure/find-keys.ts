import type { Queryable } from '../../database.ts';

/**
 * The ordering keys that end in `/<kind>/<id>`, of all namespaces, of which anything is known: what waits, is dead, held,
 * or was handled by the built-in projection, and what the audit has. Reads the whole audit.
 */
export async function findKeys(on: Queryable, kind: 'repository' | 'sender', id: string): Promise<string[]> {
  const { rows } = await on.query<{ ordering_key: string }>(
    `select distinct ordering_key
       from (select ordering_key from hookline.lanes
              union all select ordering_key from hookline.lane_deliveries
              union all select ordering_key from hookline.dead_deliveries
              union all select ordering_key from hookline.held_deliveries
              union all select ordering_key from hookline.repository_activity
              union all select ordering_key from hookline.audit_log) as known
      where right(ordering_key, length($1)) = $1
      order by 1`,
    [`/${kind}/${id}`],
  );
  return rows.map((row) => row.ordering_key);
}
