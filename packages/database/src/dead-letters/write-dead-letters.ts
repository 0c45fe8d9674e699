import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { LogPlace } from '../find-identities.ts';
import type { LoggedDelivery } from '../logged-delivery.ts';
import { storedBytes } from '../stored-body.ts';
import type { ErrorFingerprint } from './error-fingerprint.ts';

/** One handler's failure for good; without a handler, a record that is no delivery. */
export interface DeadLetter extends ErrorFingerprint {
  handler: string | null;
  reason: 'handler-failed' | 'process-killed' | 'undecodable' | 'event-mismatch' | 'skipped';
  attempts: number;
}

/** What died, with its dead letters. */
export interface DeadDelivery {
  place: LogPlace & { time: number };
  /** Null where the record is no delivery. */
  delivery: LoggedDelivery | null;
  /** Key and value of the record, where it is no delivery. */
  raw: { key: Buffer | null; value: Buffer | null } | null;
  letters: readonly DeadLetter[];
}

/**
 * Keeps what died, once per place in the log, and adds its dead letters; two round trips. What is there already stays as
 * it was: a record that is no delivery is read again when a human goes back in the log, and has died only once.
 */
export async function writeDeadLetters(tx: Queryable, fence: Fence, dead: readonly DeadDelivery[]): Promise<void> {
  if (dead.length === 0) return;
  await writeDeliveries(tx, fence, dead);
  await writeLetters(tx, fence, dead);
}

async function writeDeliveries(tx: Queryable, fence: Fence, dead: readonly DeadDelivery[]): Promise<void> {
  const delivered = dead.map(({ delivery }) => delivery?.delivery ?? null);
  const bodies = dead.map(({ delivery, raw }) => {
    const body = delivery?.delivery.body ?? raw?.value ?? null;
    return body === null ? null : storedBytes(body);
  });
  await tx.query(
    `insert into hookline.dead_deliveries
            (consumer_group, topic, kafka_partition, incarnation, kafka_offset, appended_at, ordering_key, source,
             dedup_scope, guid, digest, event, action, repository_id, hook_id, received_at, headers, secret_label,
             record_key, body, body_encoding, body_bytes)
     select $1, $2, $3, *
       from unnest($4::integer[], $5::bigint[], $6::timestamptz[], $7::text[], $8::text[], $9::text[], $10::uuid[],
                   $11::bytea[], $12::text[], $13::text[], $14::text[], $15::text[], $16::timestamptz[],
                   $17::jsonb[], $18::text[], $19::bytea[], $20::bytea[], $21::text[], $22::integer[])
         on conflict (consumer_group, topic, kafka_partition, incarnation, kafka_offset) do nothing`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      dead.map(({ place }) => place.incarnation),
      dead.map(({ place }) => place.offset),
      dead.map(({ place }) => new Date(place.time)),
      dead.map(({ delivery }) => delivery?.orderingKey ?? null),
      delivered.map((one) => one?.source ?? null),
      delivered.map((one) => one?.dedupScope ?? null),
      delivered.map((one) => one?.guid ?? null),
      delivered.map((one) => one?.digest ?? null),
      delivered.map((one) => one?.event ?? null),
      delivered.map((one) => one?.action ?? null),
      delivered.map((one) => one?.repositoryId ?? null),
      delivered.map((one) => one?.hookId ?? null),
      delivered.map((one) => one && new Date(one.receivedAt)),
      delivered.map((one) => one && JSON.stringify(one.headers)),
      delivered.map((one) => one?.secretLabel ?? null),
      dead.map(({ raw }) => raw?.key ?? null),
      bodies.map((body) => body?.bytes ?? null),
      bodies.map((body) => body?.encoding ?? null),
      dead.map(({ delivery, raw }) => (delivery?.delivery.body ?? raw?.value)?.length ?? null),
    ],
  );
}

async function writeLetters(tx: Queryable, fence: Fence, dead: readonly DeadDelivery[]): Promise<void> {
  const letters = dead.flatMap(({ place, letters: of }) => of.map((letter) => ({ ...letter, ...place })));
  if (letters.length === 0) return;
  await tx.query(
    `insert into hookline.dead_letters
            (consumer_group, topic, kafka_partition, incarnation, kafka_offset, handler, reason, attempts,
             error_fingerprint, error_message, error_stack)
     select $1, $2, $3, *
       from unnest($4::integer[], $5::bigint[], $6::text[], $7::text[], $8::integer[], $9::text[], $10::text[],
                   $11::text[])
         on conflict (consumer_group, topic, kafka_partition, incarnation, kafka_offset, handler) do nothing`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      letters.map((letter) => letter.incarnation),
      letters.map((letter) => letter.offset),
      letters.map((letter) => letter.handler),
      letters.map((letter) => letter.reason),
      letters.map((letter) => letter.attempts),
      letters.map((letter) => letter.fingerprint),
      letters.map((letter) => letter.message),
      letters.map((letter) => letter.stack),
    ],
  );
}
