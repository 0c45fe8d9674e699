import type { Queryable } from '../database.ts';
import { deadLetter, LETTER_COLUMNS, type DeadLetterView, type LetterRow } from './dead-letter-view.ts';
import { storedColumns, storedDelivery, type StoredDelivery, type StoredRow } from './stored-delivery.ts';

/** What died, with all of its dead letters. */
export interface DeadView extends StoredDelivery {
  /** Of a record that is no delivery. */
  recordKey: Buffer | null;
  letters: DeadLetterView[];
}

interface Row extends StoredRow {
  record_key: Buffer | null;
}

/** What died with this GUID, or has this dead letter; in the order of the log. */
export async function findDead(
  database: Queryable,
  by: { guid: string } | { deadLetterId: bigint },
  { withBody }: { withBody: boolean },
): Promise<DeadView[]> {
  const where =
    'guid' in by
      ? 'dead.guid = $1'
      : `exists (select from hookline.dead_letters asked
                  where dead_letter_id = $1 and asked.consumer_group = dead.consumer_group and asked.topic = dead.topic
                    and asked.kafka_partition = dead.kafka_partition and asked.incarnation = dead.incarnation
                    and asked.kafka_offset = dead.kafka_offset)`;
  const { rows } = await database.query<Row>(
    `select ${storedColumns('dead', withBody)}, dead.record_key
       from hookline.dead_deliveries dead
      where ${where}
      order by dead.consumer_group, dead.topic, dead.kafka_partition, dead.incarnation, dead.kafka_offset`,
    ['guid' in by ? by.guid : by.deadLetterId],
  );
  const found: DeadView[] = [];
  for (const row of rows) {
    found.push({ ...storedDelivery(row), recordKey: row.record_key, letters: await lettersOf(database, row) });
  }
  return found;
}

async function lettersOf(database: Queryable, dead: Row): Promise<DeadLetterView[]> {
  const { rows } = await database.query<LetterRow>(
    `select ${LETTER_COLUMNS}
       from hookline.dead_letters letter
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and incarnation = $4 and kafka_offset = $5
      order by dead_letter_id`,
    [dead.consumer_group, dead.topic, dead.kafka_partition, dead.incarnation, dead.kafka_offset],
  );
  return rows.map(deadLetter);
}
