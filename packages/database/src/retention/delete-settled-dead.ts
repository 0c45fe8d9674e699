import type { Database, Queryable } from '../database.ts';
import type { PartitionPlace } from '../fence.ts';
import type { LogPlace } from '../find-identities.ts';
import { lockPartition } from '../lock-partition.ts';
import { commit, rollback, transaction } from '../transaction.ts';
import type { At } from './read-old-ranges.ts';

export interface DeadBatch {
  deliveries: number;
  letters: number;
  /** Where the next one goes on, behind this place. Null: all have been looked at. */
  next: LogPlace | null;
}

export interface DeadRemoval {
  keepMs: number;
  /** Deliveries that are looked at. */
  batch: number;
  after: LogPlace | null;
  /** Counts only. */
  dryRun: boolean;
  at?: At;
}

/** Long enough for most slices; whoever waits behind the lock waits for a batch only. */
const LOCK_TIMEOUT_MS = 2000;

/** Below zero are the incarnations of former topic generations. */
const LEAST_INTEGER = -2_147_483_648;

/**
 * Deletes the next dead deliveries of a partition whose letters have all been settled for longer than `keepMs`, with
 * their letters. A delivery goes as a whole: while a letter of it is open, or waits in a lane, all of it is kept. Under
 * the lock of the partition's row, so that no letter is reopened between the look and the removal.
 *
 * @throws when the lock is not to be had; nothing was deleted
 */
export function deleteSettledDead(database: Database, place: PartitionPlace, removal: DeadRemoval): Promise<DeadBatch> {
  return transaction(database, { lockTimeoutMs: LOCK_TIMEOUT_MS }, async (tx) => {
    if (!removal.dryRun) await lockPartition(tx, place);
    const batch = await deleteBatch(tx, place, removal);
    return removal.dryRun ? rollback(batch) : commit(batch);
  });
}

async function deleteBatch(tx: Queryable, place: PartitionPlace, removal: DeadRemoval): Promise<DeadBatch> {
  const looked = await lookAt(tx, place, removal);
  const last = looked.length < removal.batch ? undefined : looked.at(-1);
  const next = last ? { incarnation: last.incarnation, offset: BigInt(last.kafka_offset) } : null;
  const settled = looked.filter((row) => row.settled);
  const letters = settled.reduce((sum, row) => sum + Number(row.letters), 0);
  if (settled.length > 0 && !removal.dryRun) await deleteThese(tx, place, settled);
  return { deliveries: settled.length, letters, next };
}

interface LookedAt {
  incarnation: number;
  kafka_offset: string;
  letters: string;
  settled: boolean;
}

/** A delivery without letters goes by its age: nothing can be decided about it. */
async function lookAt(
  tx: Queryable,
  place: PartitionPlace,
  { keepMs, batch, after, at = null }: DeadRemoval,
): Promise<LookedAt[]> {
  const { rows } = await tx.query<LookedAt & Record<string, unknown>>(
    `select dead.incarnation, dead.kafka_offset, letters.number as letters,
            dead.appended_at <= since.time and letters.settled
            and not exists (
                  select
                    from hookline.lane_deliveries waiting
                   where waiting.consumer_group = $1 and waiting.topic = $2 and waiting.kafka_partition = $3
                     and waiting.ordering_key = dead.ordering_key
                     and waiting.dead_incarnation = dead.incarnation and waiting.dead_offset = dead.kafka_offset)
            as settled
       from (select coalesce($8::timestamptz, now()) - $7 * interval '1 ms' as time) as since
      cross join lateral (
            select incarnation, kafka_offset, ordering_key, appended_at
              from hookline.dead_deliveries
             where consumer_group = $1 and topic = $2 and kafka_partition = $3
               and (incarnation, kafka_offset) > ($4::integer, $5::bigint)
             order by incarnation, kafka_offset
             limit $6) as dead
      cross join lateral (
            select count(*) as number,
                   coalesce(bool_and(state in ('redriven', 'discarded') and settled_at is not null
                                     and settled_at <= since.time), true) as settled
              from hookline.dead_letters letter
             where letter.consumer_group = $1 and letter.topic = $2 and letter.kafka_partition = $3
               and letter.incarnation = dead.incarnation and letter.kafka_offset = dead.kafka_offset) as letters
      order by dead.incarnation, dead.kafka_offset`,
    [
      place.consumerGroup,
      place.topic,
      place.partition,
      after?.incarnation ?? LEAST_INTEGER,
      after?.offset ?? -1n,
      batch,
      keepMs,
      at,
    ],
  );
  return rows;
}

async function deleteThese(tx: Queryable, place: PartitionPlace, settled: readonly LookedAt[]): Promise<void> {
  // The letters first: they refer to their delivery.
  for (const table of ['dead_letters', 'dead_deliveries']) {
    await tx.query(
      `delete from hookline.${table} gone
        using unnest($4::integer[], $5::bigint[]) as settled (incarnation, kafka_offset)
        where gone.consumer_group = $1 and gone.topic = $2 and gone.kafka_partition = $3
          and gone.incarnation = settled.incarnation and gone.kafka_offset = settled.kafka_offset`,
      [
        place.consumerGroup,
        place.topic,
        place.partition,
        settled.map((row) => row.incarnation),
        settled.map((row) => row.kafka_offset),
      ],
    );
  }
}
