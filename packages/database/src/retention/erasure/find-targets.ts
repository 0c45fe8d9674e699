import type { Database, Queryable } from '../../database.ts';
import { commit, transaction } from '../../transaction.ts';
import type { ErasureTarget } from './erasure-targets.ts';
import { isOfKey, keyValues } from './of-key.ts';

type Where = ErasureTarget['where'];

/** What is not erased yet, of each table that has bodies. */
const STORED: Record<Where, string> = {
  dead: `select dead.*,
                (select count(*)
                   from hookline.dead_letters letter
                  where letter.consumer_group = dead.consumer_group and letter.topic = dead.topic
                    and letter.kafka_partition = dead.kafka_partition and letter.incarnation = dead.incarnation
                    and letter.kafka_offset = dead.kafka_offset and letter.state in ('dead', 'waiting')) as open_letters
           from hookline.dead_deliveries dead
          where erased_at is null`,
  lane: 'select * from hookline.lane_deliveries where true',
  held: 'select * from hookline.held_deliveries where true',
  effect: 'select * from hookline.outbox where true',
};

const PLACES = ['dead', 'lane', 'held', 'effect'] as const;

/** The columns by which a row is known, those that its table has. */
interface Row extends Record<string, unknown> {
  consumer_group: string;
  topic: string;
  kafka_partition: number;
  ordering_key: string | null;
  guid: string | null;
  incarnation: number;
  kafka_offset: string;
  open_letters: string;
  position: string;
  digest: Buffer;
  dedup_scope: string;
  event: string;
  effect_id: string;
  state: string;
}

/**
 * Everything of an ordering key that has a body or a request; of that of a repository also what is ordered by the key of its owner. A record that is no delivery counts if its Kafka key is that key: its
 * value may be what is left of a delivery.
 */
export async function findTargetsOfKey(on: Queryable, orderingKey: string): Promise<ErasureTarget[]> {
  const found: ErasureTarget[] = [];
  for (const where of PLACES) {
    const raw = where === 'dead' ? `or record_key = convert_to($1, 'UTF8')` : '';
    const { rows } = await on.query<Row>(
      `select * from (${STORED[where]}) as stored where ${isOfKey(1)} ${raw}`,
      keyValues(orderingKey),
    );
    found.push(...rows.map((row) => targetOf(where, row)));
  }
  return found;
}

/** Effects of the deliveries with these GUIDs that are not settled, whether or not a body goes with them. */
export async function findEffectTargets(on: Queryable, guids: readonly string[]): Promise<ErasureTarget[]> {
  const { rows } = await on.query<Row>('select * from hookline.outbox where guid = any ($1::uuid[])', [guids]);
  return rows.map((row) => targetOf('effect', row));
}

/** A stored body, with what tells how to read it. */
export interface StoredForScan {
  body: { encoding: 'identity' | 'zstd'; bytes: Buffer };
  headers: Record<string, string>;
}

/** Bodies may have 25 MB. */
const FETCH_ROWS = 20;

/**
 * Everything with a body to which `matches` says yes: reads every body that there is, a few at a time, by cursors of one
 * transaction. What comes meanwhile is not seen.
 */
export function scanTargets(
  database: Database,
  matches: (stored: StoredForScan) => boolean,
  progress: (scanned: number) => void = () => {},
): Promise<ErasureTarget[]> {
  return transaction(database, {}, async (tx) => {
    const found: ErasureTarget[] = [];
    let scanned = 0;
    for (const where of PLACES) {
      await tx.query(`declare ${where} no scroll cursor for ${STORED[where]} and body is not null`);
      for (;;) {
        const { rows } = await tx.query<Row & Scanned>(`fetch ${FETCH_ROWS} from ${where}`);
        found.push(...rows.filter((row) => matches(storedOf(row))).map((row) => targetOf(where, row)));
        scanned += rows.length;
        if (rows.length < FETCH_ROWS) break;
        progress(scanned);
      }
    }
    return commit(found);
  });
}

interface Scanned {
  body: Buffer;
  body_encoding: StoredForScan['body']['encoding'];
  headers: Record<string, string> | null;
}

function storedOf({ body, body_encoding: encoding, headers }: Scanned): StoredForScan {
  return { body: { encoding, bytes: body }, headers: headers ?? {} };
}

function targetOf(where: Where, row: Row): ErasureTarget {
  const { consumer_group: consumerGroup, topic, kafka_partition: partition, ordering_key: orderingKey, guid } = row;
  const known = { consumerGroup, topic, partition, orderingKey, guid };
  const { incarnation, digest, dedup_scope: dedupScope, event } = row;
  switch (where) {
    case 'dead':
      return { ...known, where, incarnation, offset: BigInt(row.kafka_offset), openLetters: Number(row.open_letters) };
    case 'lane':
      return { ...known, where, orderingKey: orderingKey as string, position: BigInt(row.position) };
    case 'held':
      return { ...known, where, digest, dedupScope, event };
    case 'effect':
      return { ...known, where, effectId: row.effect_id, isDead: row.state === 'dead' };
  }
}
