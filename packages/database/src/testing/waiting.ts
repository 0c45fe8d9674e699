import { randomUUID } from 'node:crypto';
import type { Queryable } from '../database.ts';
import { sha256 } from './deliveries.ts';
import { PLACE } from './partitions.ts';

const DELIVERY = `source, dedup_scope, guid, digest, event, action, received_at, headers, secret_label, body,
                  body_encoding, body_bytes`;

function delivery(body: Buffer, guid: string = randomUUID()): unknown[] {
  return [
    'main',
    'main',
    guid,
    sha256(body),
    'issues',
    'opened',
    new Date(),
    '{}',
    'current',
    body,
    'identity',
    body.length,
  ];
}

/** Puts a lane with these bodies, at positions 0 and up, where a test begins; returns the GUIDs. */
export async function giveLane(
  on: Queryable,
  orderingKey: string,
  bodies: readonly Buffer[],
  state: 'retrying' | 'held' = 'retrying',
): Promise<string[]> {
  const place = [PLACE.consumerGroup, PLACE.topic, PLACE.partition, orderingKey];
  const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
  await on.query(
    `insert into hookline.lanes
            (consumer_group, topic, kafka_partition, ordering_key, state, next_position, records, bytes, attempts, due_at,
             last_error)
     values ($1, $2, $3, $4, $5, $6, $6, $7, 3, now(), 'It quotes a name.')`,
    [...place, state, bodies.length, bytes],
  );
  const guids: string[] = [];
  for (const [position, body] of bodies.entries()) {
    const given = delivery(body);
    guids.push(given[2] as string);
    await on.query(
      `insert into hookline.lane_deliveries
              (consumer_group, topic, kafka_partition, ordering_key, position, incarnation, kafka_offset, appended_at,
               ${DELIVERY})
       values ($1, $2, $3, $4, $5, 1, $6, now(), $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
      [...place, position, 100 + position, ...given],
    );
  }
  return guids;
}

/** Puts a held delivery where a test begins. */
export async function giveHeld(
  on: Queryable,
  orderingKey: string,
  given: { guid?: string; body: Buffer; offset?: bigint },
): Promise<{ guid: string; digest: Buffer }> {
  const values = delivery(given.body, given.guid);
  await on.query(
    `insert into hookline.held_deliveries
            (consumer_group, topic, kafka_partition, ordering_key, reason, known_guid, known_event, incarnation,
             kafka_offset, appended_at, seen_incarnation, seen_offset, ${DELIVERY})
     values ($1, $2, $3, $4, 'suspected-replay', gen_random_uuid(), 'issues', 1, $5, now(), 1, $5, $6, $7, $8, $9, $10,
             $11, $12, $13, $14, $15, $16, $17)`,
    [PLACE.consumerGroup, PLACE.topic, PLACE.partition, orderingKey, given.offset ?? 200n, ...values],
  );
  return { guid: values[2] as string, digest: values[3] as Buffer };
}
