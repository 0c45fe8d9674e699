import type { Database } from '@hookline/database';

/** How often the handler of releases has noted a delivery. */
export async function countReleases(database: Database, guid: string): Promise<number> {
  const { rows } = await database.query<{ n: string }>('select count(*) as n from demo.releases where guid = $1', [
    guid,
  ]);
  return Number(rows[0]?.n);
}

/** What became of a GUID in the log, in its order. */
export async function decisionsOf(database: Database, topic: string, guid: string): Promise<string[]> {
  const { rows } = await database.query<{ decision: string }>(
    `select decision from hookline.audit_log where topic = $1 and guid = $2 and stage = 'log' order by audit_id`,
    [topic, guid],
  );
  return rows.map(({ decision }) => decision);
}

/** How many dead letters of a GUID are in a state. */
export async function countDeadLetters(
  database: Database,
  topic: string,
  guid: string,
  state: string,
): Promise<number> {
  const { rows } = await database.query<{ n: string }>(
    `select count(*) as n
       from hookline.dead_letters
       join hookline.dead_deliveries using (consumer_group, topic, kafka_partition, incarnation, kafka_offset)
      where topic = $1 and guid = $2 and state = $3`,
    [topic, guid, state],
  );
  return Number(rows[0]?.n);
}
