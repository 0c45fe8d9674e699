import type { Database } from '@hookline/database';

/** What waits for one key: none of it when there is no lane. */
export interface Lane {
  records: number;
  attempts: number;
}

/** A deployment that the demo's handler has noted. */
export interface Deployment {
  key: string;
  guid: string;
  /** From its arrival at ingest. */
  afterMs: number;
}

export async function readLane(database: Database, topic: string, key: string): Promise<Lane> {
  const { rows } = await database.query<{ records: string; attempts: number }>(
    'select records, attempts from hookline.lanes where topic = $1 and ordering_key = $2',
    [topic, key],
  );
  return { records: Number(rows[0]?.records ?? 0), attempts: rows[0]?.attempts ?? 0 };
}

/** What the handler has noted of these GUIDs, in the order in which it has. */
export async function readDeployments(
  database: Database,
  topic: string,
  guids: readonly string[],
): Promise<Deployment[]> {
  const { rows } = await database.query<{ key: string; guid: string; ms: number }>(
    `select noted.ordering_key as key, noted.guid,
            extract(epoch from noted.noted_at - audit.received_at)::double precision * 1000 as ms
       from demo.deployments noted
       join hookline.audit_log audit on audit.guid = noted.guid and audit.topic = $1 and audit.stage = 'log'
      where noted.guid = any($2::uuid[])
      order by noted.deployment_id`,
    [topic, guids],
  );
  return rows.map(({ key, guid, ms }) => ({ key, guid, afterMs: ms }));
}

/** How many of these deliveries were processed out of a lane. */
export async function countFromLane(database: Database, topic: string, guids: readonly string[]): Promise<number> {
  const { rows } = await database.query<{ n: string }>(
    `select count(*) as n from hookline.audit_log
      where topic = $1 and guid = any($2::uuid[]) and stage = 'lane' and decision = 'processed'`,
    [topic, guids],
  );
  return Number(rows[0]?.n);
}
