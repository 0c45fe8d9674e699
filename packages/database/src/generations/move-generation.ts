import { commit, rollback, transaction, type TransactionOptions } from '../transaction.ts';
import type { Database, Queryable } from '../database.ts';
import { makeRanges } from '../make-ranges.ts';
import type { GenerationMove } from './generation-move.ts';
import { makeNewPlaces, type NewPlaces } from './new-places.ts';
import { moveDeadDeliveries } from './move-dead-deliveries.ts';
import { moveHeldDeliveries } from './move-held-deliveries.ts';
import { moveLanes } from './move-lanes.ts';
import { countUnsent, fenceShards, moveOutbox } from './move-outbox.ts';
import { rekeyDeliveries } from './rekey-deliveries.ts';
import { rekeyLanes } from './rekey-lanes.ts';
import { isDrained, readDrain, type DrainedPartition } from './read-drain.ts';
import { readGenerations } from './read-generations.ts';
import { refuseOpenCommands } from './refuse-open-commands.ts';

/** How much went along. */
export interface MovedCounts {
  lanes: number;
  waiting: number;
  held: number;
  dead: number;
  effects: number;
}

export type MoveEnd =
  | { success: true; already: boolean; moved: MovedCounts }
  /** `NOT_ENDED`: its ends are not recorded, or the next one is not prepared. */
  | { success: false; reason: 'NOT_ENDED' }
  | { success: false; reason: 'NOT_DRAINED'; partitions: DrainedPartition[] }
  /** The key rule changes, and so many effects are not sent yet. */
  | { success: false; reason: 'NOT_SENT'; effects: number };

const NOTHING: MovedCounts = { lanes: 0, waiting: 0, held: 0, dead: 0, effects: 0 };

/**
 * Gives all that waits of a generation to the next one, and has that one read: one transaction, under the fences of all
 * partitions of the old one, and of their shards of the outbox. Nobody else can then write what is moved; and their epochs
 * are raised, so that whoever was at something (a lane's run, an effect's attempt) commits nothing when he comes to his
 * fence.
 *
 * It refuses while a partition is not at its end: what is still to be read would find its lane gone. Safe to repeat.
 *
 * Where the key rule changes, lanes become one, or several, before that: see `mergeLanes`. Effects do not tell their new
 * key: it refuses while some are not sent, and what is dead keeps its key.
 *
 * Commands that wait to be applied are refused: they name a state and a place that are no more. Notes of runs that were
 * begun go: nobody is to be blamed for this end of them.
 */
export async function moveGeneration(
  database: Database,
  move: GenerationMove,
  options: TransactionOptions = {},
): Promise<MoveEnd> {
  const { consumerGroup, from, to } = move;
  // For the audit: whoever moves a log has perhaps been the only one here for weeks.
  await makeRanges(database);
  return transaction<MoveEnd>(database, options, async (tx) => {
    await tx.query('select from hookline.topic_generations where topic = any($1) order by generation for update', [
      [from, to],
    ]);
    const [former, next] = await readGenerations(tx, [from, to]);
    if (former?.state === 'moved') return rollback({ success: true, already: true, moved: NOTHING });
    if (former?.state !== 'draining' || next?.state !== 'prepared') {
      return rollback({ success: false, reason: 'NOT_ENDED' });
    }
    await lockFences(tx, move);
    await fenceShards(tx, move);
    const undrained = (await readDrain(tx, consumerGroup, from)).filter((partition) => !isDrained(partition));
    if (undrained.length > 0) return rollback({ success: false, reason: 'NOT_DRAINED', partitions: undrained });

    const unsent = move.newKeyOf ? await countUnsent(tx, move) : 0;
    if (unsent > 0) return rollback({ success: false, reason: 'NOT_SENT', effects: unsent });

    if (move.newKeyOf) {
      await rekeyLanes(tx, move, move.newKeyOf);
      await rekeyDeliveries(tx, move, move.newKeyOf);
    }
    const places = await makeNewPlaces(tx, move, next.partitions);
    const moved = await moveAll(tx, places);
    await endOldPartitions(tx, move);
    await beginNewPartitions(tx, move, next.partitions);
    await tx.query(
      `update hookline.topic_generations
          set state = case topic when $1 then 'moved' else 'active' end,
              moved_at = case topic when $1 then now() end,
              consumer_group = $3
        where topic in ($1, $2)`,
      [from, to, consumerGroup],
    );
    return commit({ success: true, already: false, moved });
  });
}

async function lockFences(tx: Queryable, { consumerGroup, from }: GenerationMove): Promise<void> {
  await tx.query(
    `select from hookline.partition_offsets where consumer_group = $1 and topic = $2 order by kafka_partition for update`,
    [consumerGroup, from],
  );
}

async function moveAll(tx: Queryable, places: NewPlaces): Promise<MovedCounts> {
  const { lanes, waiting } = await moveLanes(tx, places);
  const held = await moveHeldDeliveries(tx, places);
  const dead = await moveDeadDeliveries(tx, places);
  const effects = await moveOutbox(tx, places);
  return { lanes, waiting, held, dead, effects };
}

async function endOldPartitions(tx: Queryable, { consumerGroup, from, owner }: GenerationMove): Promise<void> {
  const values = [consumerGroup, from];
  await tx.query(
    `update hookline.partition_offsets set epoch = epoch + 1, owner = $3, taken_over_at = now(), dirty = false
      where consumer_group = $1 and topic = $2`,
    [...values, owner],
  );
  await tx.query('delete from hookline.record_starts where consumer_group = $1 and topic = $2', values);
  await refuseOpenCommands(tx, { consumerGroup, from });
}

/** From the very beginning: a record that expired before it was read must be seen to be missing. */
async function beginNewPartitions(
  tx: Queryable,
  { consumerGroup, to, owner }: GenerationMove,
  partitions: number,
): Promise<void> {
  await tx.query(
    `insert into hookline.partition_offsets (consumer_group, topic, kafka_partition, next_offset, epoch, owner)
     select $1, $2, n, 0, 1, $3 from generate_series(0, $4 - 1) as n`,
    [consumerGroup, to, owner, partitions],
  );
}
