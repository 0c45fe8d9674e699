import { createHash } from 'node:crypto';
import type { Database } from '@hookline/database';

/** A delivery by what identifies it, under the event by which it is known. */
export interface Known {
  guid: string;
  body: Buffer | string;
  event: string;
  dedupScope?: string;
}

const PLACE = `'hookline-processor', 'github.deliveries', 0`;

let offset = 0;

/** Has deliveries known to a database as if a processor had met them. */
export function knownTo(database: Database) {
  const identity = ({ guid, body, event, dedupScope = 'main' }: Known) => {
    return [guid, createHash('sha256').update(body).digest(), dedupScope, event, offset++];
  };
  return {
    async processed(known: Known, outcome = 'processed'): Promise<void> {
      await database.query(
        `insert into hookline.processed_deliveries
                (guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset, outcome)
         values ($1, $2, $3, $4, 'github.deliveries', 0, 1, $5, $6)`,
        [...identity(known), outcome],
      );
    },
    async dead(known: Known): Promise<void> {
      await this.processed(known, 'dead');
      const values = identity(known);
      await database.query(
        `insert into hookline.dead_deliveries
                (guid, digest, dedup_scope, event, kafka_offset, incarnation, appended_at, consumer_group, topic,
                 kafka_partition)
         values ($1, $2, $3, $4, $5, 1, now(), ${PLACE})`,
        values,
      );
      await database.query(
        `insert into hookline.dead_letters
                (kafka_offset, incarnation, handler, reason, attempts, error_fingerprint, error_message, consumer_group,
                 topic, kafka_partition)
         values ($1, 1, 'welcome', 'handler-failed', 5, '', '', ${PLACE})`,
        [values.at(-1)],
      );
    },
    async waiting(known: Known): Promise<void> {
      await database.query(
        `insert into hookline.lane_deliveries
                (guid, digest, dedup_scope, event, position, incarnation, kafka_offset, appended_at, source, ordering_key,
                 received_at, headers, secret_label, body, body_encoding, body_bytes, consumer_group, topic,
                 kafka_partition)
         values ($1, $2, $3, $4, $5, 1, $5, now(), 'main', 'key', now(), '{}', 'first', '', 'identity', 0, ${PLACE})`,
        identity(known),
      );
    },
    async held(known: Known): Promise<void> {
      await database.query(
        `insert into hookline.held_deliveries
                (guid, digest, dedup_scope, event, kafka_offset, incarnation, seen_offset, seen_incarnation, appended_at,
                 reason, known_guid, known_event, ordering_key, source, received_at, headers, secret_label, body,
                 body_encoding, body_bytes, consumer_group, topic, kafka_partition)
         values ($1, $2, $3, $4, $5, 1, $5, 1, now(), 'suspected-replay', gen_random_uuid(), $4, 'key', 'main', now(),
                 '{}', 'first', '', 'identity', 0, ${PLACE})`,
        identity(known),
      );
    },
  };
}
