import { randomUUID } from 'node:crypto';
import type { Queryable } from '../database.ts';
import type { DeadLetterState } from '../reading/dead-letter-filter.ts';
import { PLACE } from './partitions.ts';
import { sha256 } from './deliveries.ts';

export interface GivenDead {
  offset: bigint;
  incarnation?: number;
  guid?: string;
  orderingKey?: string;
  body?: Buffer;
  /** Days ago. */
  appended?: number;
  /** One per letter: its state, and how many days ago it was settled. */
  letters: { state: DeadLetterState; settled?: number }[];
}

/** Puts a dead delivery with its letters where a test begins; returns its identity. */
export async function giveDead(
  on: Queryable,
  {
    offset,
    incarnation = 1,
    guid = randomUUID(),
    orderingKey = 'github.com/repository/1',
    body,
    appended = 100,
    letters,
  }: GivenDead,
): Promise<{ guid: string; digest: Buffer; dedupScope: string }> {
  const place = [PLACE.consumerGroup, PLACE.topic, PLACE.partition, incarnation, offset];
  const digest = sha256(guid);
  await on.query(
    `insert into hookline.dead_deliveries
            (consumer_group, topic, kafka_partition, incarnation, kafka_offset, appended_at, ordering_key, source,
             dedup_scope, guid, digest, event, action, received_at, headers, secret_label, body, body_encoding)
     values ($1, $2, $3, $4, $5, now() - $6 * interval '1 day', $7, 'main', 'main', $8, $9, 'issues', 'opened', now(),
             '{"content-type": "application/json"}', 'current', $10, 'identity')`,
    [...place, appended, orderingKey, guid, digest, body ?? Buffer.from(JSON.stringify({ guid }))],
  );
  for (const [i, { state, settled }] of letters.entries()) {
    await on.query(
      `insert into hookline.dead_letters
              (consumer_group, topic, kafka_partition, incarnation, kafka_offset, handler, reason, attempts,
               error_fingerprint, error_message, error_stack, state, settled_at)
       values ($1, $2, $3, $4, $5, $6, 'handler-failed', 5, 'f', 'Issue "a name" is locked.', 'at a name', $7,
               now() - $8 * interval '1 day')`,
      [...place, `handler ${i}`, state, settled ?? null],
    );
  }
  return { guid, digest, dedupScope: 'main' };
}
