import type { Database } from './database.ts';
import { fenceApplicationPrefix, type Fence } from './fence.ts';
import { commit, transaction } from './transaction.ts';

/** What a new owner starts from. */
export interface Takeover {
  fence: Fence;
  nextOffset: bigint;
  /** How many backends of older owners had to be ended. */
  terminated: number;
}

/** How long an older owner's transaction may still hold the row before its backend is ended, in milliseconds. */
const PATIENCE_MS = 250;

/**
 * Makes the caller the owner of a partition: raises the epoch in a transaction of its own, and makes the row at
 * `firstOffset`, which is asked only then, where there is none. Two first owners at once get different epochs; the
 * higher one holds.
 *
 * An older owner whose transaction holds the row (its handler hangs, its process is frozen) is not waited for: its
 * backend is terminated, which rolls it back. Throws what the database throws; then nothing has changed hands.
 */
export async function takeOverPartition(
  database: Database,
  place: Omit<Fence, 'epoch'>,
  owner: string,
  firstOffset: () => Promise<bigint>,
  signal?: AbortSignal,
): Promise<Takeover> {
  const first = (await hasRow(database, place)) ? 0n : await firstOffset();
  let terminated = 0;
  for (;;) {
    try {
      const { epoch, nextOffset } = await raiseEpoch(database, place, owner, first, signal);
      return { fence: { ...place, epoch }, nextOffset, terminated };
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      terminated += await terminateOlderOwners(database, place);
    }
  }
}

/** Rows are never removed: one that is there is there for the upsert too, which then leaves its offset alone. */
async function hasRow(database: Database, place: Omit<Fence, 'epoch'>): Promise<boolean> {
  const { rowCount } = await database.query(
    `select from hookline.partition_offsets where consumer_group = $1 and topic = $2 and kafka_partition = $3`,
    [place.consumerGroup, place.topic, place.partition],
  );
  return rowCount === 1;
}

function raiseEpoch(
  database: Database,
  place: Omit<Fence, 'epoch'>,
  owner: string,
  firstOffset: bigint,
  signal: AbortSignal | undefined,
) {
  return transaction(database, { lockTimeoutMs: PATIENCE_MS, ...(signal && { signal }) }, async (tx) => {
    const { rows } = await tx.query<{ epoch: string; next_offset: string }>(
      `insert into hookline.partition_offsets as held
              (consumer_group, topic, kafka_partition, next_offset, epoch, owner)
       values ($1, $2, $3, $4, 1, $5)
           on conflict (consumer_group, topic, kafka_partition)
           do update set epoch = held.epoch + 1, owner = excluded.owner, taken_over_at = now()
       returning epoch, next_offset`,
      [place.consumerGroup, place.topic, place.partition, firstOffset, owner],
    );
    const row = rows[0] as { epoch: string; next_offset: string };
    return commit({ epoch: BigInt(row.epoch), nextOffset: BigInt(row.next_offset) });
  });
}

/**
 * The prefix names one partition of one group and topic; every transaction of an owner carries it. The caller has no
 * epoch yet, so whoever is found is older.
 */
async function terminateOlderOwners(database: Database, place: Omit<Fence, 'epoch'>): Promise<number> {
  const { rows } = await database.query<{ ended: boolean }>(
    `select pg_terminate_backend(pid) as ended
       from pg_stat_activity
      where starts_with(application_name, $1) and datname = current_database() and pid <> pg_backend_pid()`,
    [fenceApplicationPrefix(place)],
  );
  return rows.filter((row) => row.ended).length;
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '55P03';
}
