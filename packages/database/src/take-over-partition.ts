import type { LastRecord } from './advance-offset.ts';
import type { Database, Queryable } from './database.ts';
import { fenceApplicationPrefix, type Fence, type PartitionPlace } from './fence.ts';
import { readStarts, type RecordStart } from './starts/record-start.ts';
import { commit, rollback, transaction } from './transaction.ts';

/** What a new owner starts from. */
export interface Takeover {
  success: true;
  fence: Fence;
  nextOffset: bigint;
  /** The record at `nextOffset - 1` when it was processed; null where nothing has been. */
  last: LastRecord | null;
  /** A former owner has begun work and not ended cleanly: what it died of can be among the next records. */
  dirty: boolean;
  /** What other processes had begun and not ended. This one's own are none of a process that died: they are gone. */
  starts: RecordStart[];
  /** Up to here a committed offset above ours is no sign of a restored database: a human has said so. */
  acceptedCommitted: bigint | null;
  /** How many backends of older owners had to be ended. */
  terminated: number;
}

/** How long an older owner's transaction may still hold the row before its backend is ended, in milliseconds. */
const PATIENCE_MS = 250;

/**
 * Makes the caller the owner of a partition: raises the epoch in a transaction of its own. Where there is no row it is
 * made at `firstOffset`, or not at all where that is null. Two first owners at once get different epochs; the higher
 * one holds.
 *
 * An older owner whose transaction holds the row (its handler hangs, its process is frozen) is not waited for: its
 * backend is terminated, which rolls it back. Whoever is left of older epochs is terminated when the epoch is raised: a
 * lane's run holds rows of users without holding this one. Each has its name before it looks at the epoch, so that it is
 * found by it, or finds the epoch raised.
 *
 * `dirty` and the starts of others stay as they are, whoever takes over: only who has looked at them may end them.
 *
 * Throws what the database throws; then the caller owns nothing, though the epoch may have been raised.
 */
export async function takeOverPartition(
  database: Database,
  place: PartitionPlace,
  owner: string,
  firstOffset: bigint | null,
  signal?: AbortSignal,
): Promise<Takeover | { success: false; reason: 'NO_ROW' }> {
  let terminated = 0;
  for (;;) {
    try {
      const raised = await raiseEpoch(database, place, owner, firstOffset, signal);
      if (!raised) return { success: false, reason: 'NO_ROW' };
      terminated += await terminateOlderOwners(database, place, raised.fence.epoch);
      return { success: true, ...raised, terminated };
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      terminated += await terminateOlderOwners(database, place, null);
    }
  }
}

interface Row {
  epoch: string;
  next_offset: string;
  last_record_digest: Buffer | null;
  last_record_time: Date | null;
  incarnation: number;
  dirty: boolean;
  accepted_committed: string | null;
}

function raiseEpoch(
  database: Database,
  place: PartitionPlace,
  owner: string,
  firstOffset: bigint | null,
  signal: AbortSignal | undefined,
) {
  return transaction(database, { lockTimeoutMs: PATIENCE_MS, ...(signal && { signal }) }, async (tx) => {
    const row = firstOffset === null ? await raise(tx, place, owner) : await upsert(tx, place, owner, firstOffset);
    if (!row) return rollback(null);
    const { consumerGroup, topic, partition } = place;
    const { last_record_digest: digest, last_record_time: time } = row;
    return commit({
      fence: { consumerGroup, topic, partition, epoch: BigInt(row.epoch), incarnation: row.incarnation },
      nextOffset: BigInt(row.next_offset),
      last: digest && time && { digest, time: time.getTime() },
      dirty: row.dirty,
      starts: await readStarts(tx, place, owner),
      acceptedCommitted: row.accepted_committed === null ? null : BigInt(row.accepted_committed),
    });
  });
}

async function upsert(tx: Queryable, place: PartitionPlace, owner: string, firstOffset: bigint) {
  const { rows } = await tx.query<Row & Record<string, unknown>>(
    `insert into hookline.partition_offsets as held
            (consumer_group, topic, kafka_partition, next_offset, epoch, owner)
     values ($1, $2, $3, $4, 1, $5)
         on conflict (consumer_group, topic, kafka_partition)
         do update set epoch = held.epoch + 1, owner = excluded.owner, taken_over_at = now()
     returning epoch, next_offset, last_record_digest, last_record_time, incarnation, dirty, accepted_committed`,
    [place.consumerGroup, place.topic, place.partition, firstOffset, owner],
  );
  return rows[0];
}

async function raise(tx: Queryable, place: PartitionPlace, owner: string) {
  const { rows } = await tx.query<Row & Record<string, unknown>>(
    `update hookline.partition_offsets
        set epoch = epoch + 1, owner = $4, taken_over_at = now()
      where consumer_group = $1 and topic = $2 and kafka_partition = $3
  returning epoch, next_offset, last_record_digest, last_record_time, incarnation, dirty, accepted_committed`,
    [place.consumerGroup, place.topic, place.partition, owner],
  );
  return rows[0];
}

/**
 * The prefix names one partition of one group and topic; every transaction of an owner carries it. A caller without an
 * epoch will have the next one, so that whoever is found is older. One with an epoch spares those above: they are of
 * whoever has taken over since.
 */
async function terminateOlderOwners(database: Database, place: PartitionPlace, epoch: bigint | null): Promise<number> {
  const { rows } = await database.query<{ ended: boolean }>(
    `select pg_terminate_backend(pid) as ended
       from pg_stat_activity
      where starts_with(application_name, $1) and datname = current_database() and pid <> pg_backend_pid()
        and ($2::bigint is null
             or case when substr(application_name, length($1) + 1) ~ '^[0-9]{1,18}$'
                     then substr(application_name, length($1) + 1)::bigint < $2 end)`,
    [fenceApplicationPrefix(place), epoch],
  );
  return rows.filter((row) => row.ended).length;
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '55P03';
}
