import type { Database, Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import { lockPartition } from '../lock-partition.ts';
import { commit, transaction } from '../transaction.ts';
import type { At } from './read-old-ranges.ts';

export interface HeldRemoval {
  keepMs: number;
  /** Rows that are deleted at most. */
  batch: number;
  at?: At;
}

/** Long enough for most slices; whoever waits behind the lock waits for a batch only. */
const LOCK_TIMEOUT_MS = 2000;

const OLD = `consumer_group = $1 and topic = $2 and kafka_partition = $3 and state in ('released', 'discarded')
          and greatest(settled_at, last_arrival_at) <= coalesce($5::timestamptz, now()) - $4 * interval '1 ms'`;

/**
 * Deletes deliveries of a partition that were held, were released or discarded longer than `keepMs` ago, and have not come
 * since; returns how many. Until then the row tells which records were counted, should the log be read again, and that the
 * payload is known. Under the lock of the partition's row, so that none is held anew between the look and the removal.
 *
 * @throws when the lock is not to be had; nothing was deleted
 */
export function deleteSettledHeld(
  database: Database,
  place: PartitionPlace,
  { keepMs, batch, at = null }: HeldRemoval,
): Promise<number> {
  return transaction(database, { lockTimeoutMs: LOCK_TIMEOUT_MS }, async (tx) => {
    await lockPartition(tx, place);
    const { rowCount } = await tx.query(
      `delete from hookline.held_deliveries
        where ctid = any (array(select ctid from hookline.held_deliveries where ${OLD} limit $6))`,
      [place.consumerGroup, place.topic, place.partition, keepMs, at, batch],
    );
    return commit(rowCount);
  });
}

/** How many `deleteSettledHeld` would delete in all. */
export async function countSettledHeld(
  on: Queryable,
  place: PartitionPlace,
  { keepMs, at = null }: Omit<HeldRemoval, 'batch'>,
): Promise<number> {
  const { rows } = await on.query<{ number: string }>(
    `select count(*) as number from hookline.held_deliveries where ${OLD}`,
    [place.consumerGroup, place.topic, place.partition, keepMs, at],
  );
  return Number(rows[0]?.number);
}
