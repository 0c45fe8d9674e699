import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { LogPlace } from '../find-identities.ts';
import type { DeadLetter } from './write-dead-letters.ts';

/**
 * A handler that was dead, ran again and failed again is dead again: its letter is the same one, a generation on, with
 * what the last run has said, since then. One round trip.
 *
 * @throws when there is no letter of it that waits
 */
export async function reviveLetter(
  tx: Queryable,
  fence: Fence,
  { incarnation, offset }: LogPlace,
  { handler, reason, fingerprint, message, stack }: DeadLetter,
): Promise<void> {
  const { rowCount } = await tx.query(
    `update hookline.dead_letters
        set state = 'dead', generation = generation + 1, attempts = attempts + 1, reason = $7, error_fingerprint = $8,
            error_message = $9, error_stack = $10, dead_at = now()
      where consumer_group = $1 and topic = $2 and kafka_partition = $3 and incarnation = $4 and kafka_offset = $5
        and handler = $6 and state = 'waiting'`,
    [
      fence.consumerGroup,
      fence.topic,
      fence.partition,
      incarnation,
      offset,
      handler,
      reason,
      fingerprint,
      message,
      stack,
    ],
  );
  if (rowCount !== 1) throw new Error(`Handler ${handler} has no dead letter that waits at offset ${offset}.`);
}
