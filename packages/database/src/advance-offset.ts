import type { Queryable } from './database.ts';
import { fenceApplicationName, type Fence } from './fence.ts';
import { TransactionLost } from './guarded-client.ts';
import { prepared } from './prepared.ts';

/** The last record below the new offset: the witness by which a later owner knows the log again. */
export interface LastRecord {
  digest: Buffer;
  /** The broker's append time, milliseconds since the Unix epoch. */
  time: number;
}

const ADVANCE = prepared(
  `update hookline.partition_offsets
      set next_offset = $6, last_record_digest = $7, last_record_time = $8
    where consumer_group = $1 and topic = $2 and kafka_partition = $3 and epoch = $4 and next_offset = $5
      and current_setting('application_name') = $9`,
);

/**
 * Moves the stored offset from exactly `from` to `to`, under the fence. The lock on the row makes a mismatch
 * impossible; the comparison is what makes that a fact instead of a belief. The name that `fencedTransaction` has set
 * for its transaction only is compared too: a handler's `commit and chain` would have ended the one that has the lock.
 *
 * @throws {TransactionLost} when the row is not at `from` in this epoch, or the transaction is not the fenced one: it
 * must not commit
 */
export async function advanceOffset(
  tx: Queryable,
  fence: Fence,
  from: bigint,
  to: bigint,
  last: LastRecord,
): Promise<void> {
  const { rowCount } = await tx.query(ADVANCE, [
    fence.consumerGroup,
    fence.topic,
    fence.partition,
    fence.epoch,
    from,
    to,
    last.digest,
    new Date(last.time),
    fenceApplicationName(fence),
  ]);
  if (rowCount !== 1) {
    throw new TransactionLost(
      `Partition ${fence.partition} of ${fence.topic} is no longer at offset ${from} in this epoch and transaction.`,
    );
  }
}
