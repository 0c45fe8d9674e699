import type { Database } from '@hookline/database';

/** A job that the demo's handler has done. */
export interface Synced {
  key: string;
  /** Of the delivery that asked for it. */
  guid: string;
}

/** Jobs of these deliveries that were done, in the order in which they were. */
export async function readSynced(database: Database, guids: readonly string[]): Promise<Synced[]> {
  const { rows } = await database.query<{ key: string; guid: string }>(
    'select ordering_key as key, guid from demo.synced where guid = any($1::uuid[]) order by synced_id',
    [guids],
  );
  return rows;
}

/** How many effects of these deliveries were sent, by kind, and how many are not. */
export async function countEffects(
  database: Database,
  guids: readonly string[],
): Promise<{ sent: Map<string, number>; left: number }> {
  const { rows } = await database.query<{ kind: string; n: string }>(
    `select kind, count(*) as n from hookline.settled_effects
      where guid = any($1::uuid[]) and outcome = 'sent' group by kind`,
    [guids],
  );
  const { rows: left } = await database.query<{ n: string }>(
    'select count(*) as n from hookline.outbox where guid = any($1::uuid[])',
    [guids],
  );
  return { sent: new Map(rows.map(({ kind, n }) => [kind, Number(n)])), left: Number(left[0]?.n) };
}
