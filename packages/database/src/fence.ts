import { createHash } from 'node:crypto';
import { allAnswered } from './all-answered.ts';
import type { Database, Queryable } from './database.ts';
import { rollback, transaction, type Ending, type TransactionOptions } from './transaction.ts';
import { prepared } from './prepared.ts';

/** One owner's claim on one partition. The claim holds while no later owner has raised the epoch. */
export interface Fence {
  consumerGroup: string;
  topic: string;
  partition: number;
  epoch: bigint;
  /** Which log the offsets are of: raised when a partition is resumed on another log than it had. */
  incarnation: number;
}

/** One partition of a topic, as one consumer group processes it. */
export type PartitionPlace = Pick<Fence, 'consumerGroup' | 'topic' | 'partition'>;

export interface FencedOut {
  success: false;
  reason: 'FENCED';
  /** Epoch of the present owner; null when the row is gone. */
  epoch: bigint | null;
}

/**
 * One transaction that begins by locking the partition's row in `partition_offsets`. With another epoch in the row,
 * nothing runs and nothing is written: a zombie commits zero rows.
 *
 * The lock is held to the end, so that a takeover (which updates the row) comes strictly before or after this
 * transaction. `for update` and not a look at COMMIT: work begun under a stale epoch would be wasted, and two owners'
 * handlers could deadlock.
 *
 * @param read sent right behind the lock, without waiting for it: each of its statements begins when the lock is ours, and
 * sees all that was committed before. What it has read counts for nothing where the lock is not.
 */
export function fencedTransaction<T, Read = undefined>(
  database: Database,
  fence: Fence,
  options: TransactionOptions,
  work: (tx: Queryable, nextOffset: bigint, read: Read) => Promise<Ending<T>>,
  read?: (tx: Queryable) => Promise<Read>,
): Promise<T | FencedOut> {
  const named = { ...options, applicationName: fenceApplicationName(fence) };
  return transaction<T | FencedOut>(database, named, async (tx) => {
    const [locked, known] = await allAnswered([lockFence(tx, fence), read?.(tx)]);
    return locked.success ? work(tx, locked.nextOffset, known as Read) : rollback(locked);
  });
}

const LOCK = prepared(
  `select next_offset, epoch
     from hookline.partition_offsets
    where consumer_group = $1 and topic = $2 and kafka_partition = $3
      for update`,
);

/** Locks the partition's row to the end of the transaction. When it is another owner's, nothing may be written. */
export async function lockFence(
  tx: Queryable,
  fence: Fence,
): Promise<{ success: true; nextOffset: bigint } | FencedOut> {
  const { rows } = await tx.query<{ next_offset: string; epoch: string }>(LOCK, [
    fence.consumerGroup,
    fence.topic,
    fence.partition,
  ]);
  const row = rows[0];
  if (!row || BigInt(row.epoch) !== fence.epoch) {
    return { success: false, reason: 'FENCED', epoch: row ? BigInt(row.epoch) : null };
  }
  return { success: true, nextOffset: BigInt(row.next_offset) };
}

const CHECK = prepared(
  `select
     from hookline.partition_offsets
    where consumer_group = $1 and topic = $2 and kafka_partition = $3 and epoch = $4`,
);

/**
 * Whether the epoch is still ours, without a lock: for a transaction that must not hold the row while it runs handlers.
 * It has its fence's name before it asks, so that a takeover which raises the epoch after this answer finds it by name
 * and ends it. What it writes counts only when it has locked the fence in the end.
 */
export async function checkEpoch(tx: Queryable, fence: Fence): Promise<boolean> {
  const { rowCount } = await tx.query(CHECK, [fence.consumerGroup, fence.topic, fence.partition, fence.epoch]);
  return rowCount === 1;
}

/**
 * `hookline/<group and topic, hashed>/<partition>/<epoch>`: by it a takeover finds the backends of older epochs.
 * Hashed because PostgreSQL cuts the name at 63 bytes, and a cut epoch would match another.
 */
export function fenceApplicationName(fence: Omit<Fence, 'incarnation'>): string {
  return `${fenceApplicationPrefix(fence)}${fence.epoch}`;
}

export function fenceApplicationPrefix(place: PartitionPlace): string {
  const hash = createHash('sha256').update(`${place.consumerGroup}\0${place.topic}`).digest('hex').slice(0, 12);
  return `hookline/${hash}/${place.partition}/`;
}
