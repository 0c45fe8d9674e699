import { fenceApplicationPrefix, type Database } from '@hookline/database';
import {
  partitionName,
  type Aged,
  type AuditRow,
  type Claim,
  type Command,
  type DeadLetter,
  type Facts,
  type Held,
  type Lane,
  type Owner,
  type StoredOffset,
  type Waiting,
} from './facts.ts';
import { LIKE_JOB_TOPIC } from '../system/job-topic.ts';
import type { NotedEffect } from './place-effects.ts';

type Row = Record<string, unknown>;

/** What a round finds in the tables of Hookline, and in the harness' own. */
export interface Tables extends Pick<
  Facts,
  | 'offsets'
  | 'audit'
  | 'staleEffects'
  | 'takeovers'
  | 'claims'
  | 'aged'
  | 'lanes'
  | 'waiting'
  | 'deadLetters'
  | 'held'
  | 'commands'
> {
  effects: NotedEffect[];
}

const milliseconds = (column: string): string => `(extract(epoch from ${column}) * 1000)::double precision`;

/** Where the record is of which a row is: what has moved to another generation names the log that it was in before. */
const PLACED = `left join hookline.former_logs former on former.incarnation = it.incarnation
                cross join lateral (select coalesce(former.topic, it.topic) as topic,
                                           coalesce(former.kafka_partition, it.kafka_partition) as partition,
                                           coalesce(former.former_incarnation, it.incarnation) as incarnation) as place`;
/** A topic that was made anew begins another incarnation: its offsets are others than those of before. */
const OF_THIS_LOG = `${PLACED} join hookline.partition_offsets log
     on log.topic = place.topic and log.kafka_partition = place.partition and log.incarnation = place.incarnation`;

/** @param afterAuditId rows of the audit up to this one are none of the round's */
export async function readTables(database: Database, afterAuditId: bigint): Promise<Tables> {
  const read = async <T>(text: string, convert: (row: Row) => T, values: unknown[] = []): Promise<T[]> =>
    (await database.query(text, values)).rows.map(convert);
  const owners = await readOwners(database);
  return {
    offsets: await read(
      'select topic, kafka_partition, next_offset, epoch from hookline.partition_offsets order by 1, 2',
      (row): StoredOffset => ({
        partition: writtenBy(row),
        nextOffset: big(row['next_offset']),
        epoch: big(row['epoch']),
      }),
    ),
    audit: await read(
      `select audit_id, stage, decision, it.topic, it.kafka_partition, place.topic as place_topic,
              place.partition as place_partition, kafka_offset, epoch, ordering_key as key, handler, attempt, detail, guid,
              encode(digest, 'hex') as digest, command_id as "commandId",
              effect_id as "effectId"
         from hookline.audit_log it ${PLACED}
        where audit_id > $1 and stage <> 'effect' order by audit_id`,
      (row) => ({
        ...(row as unknown as AuditRow),
        partition: ofRecord(row),
        by: writtenBy(row),
        id: big(row['audit_id']),
        offset: row['kafka_offset'] === null ? null : big(row['kafka_offset']),
        epoch: big(row['epoch']),
      }),
      [afterAuditId],
    ),
    effects: await read(
      `select effect_id, handler, ordering_key as key, nth, guid, kafka_offset, written_as as "writtenAs"
         from crash.effects order by effect_id`,
      (row) => ({
        ...(row as unknown as NotedEffect),
        id: big(row['effect_id']),
        nth: big(row['nth']),
        offset: big(row['kafka_offset']),
        owner: owners(String(row['writtenAs'])),
      }),
    ),
    staleEffects: await read('select kafka_offset, written_as as "writtenAs" from crash.stale_effects', (row) => ({
      partition: owners(String(row['writtenAs']))?.partition ?? 'no partition',
      offset: big(row['kafka_offset']),
      writtenAs: String(row['writtenAs']),
    })),
    takeovers: await read('select topic, kafka_partition, epoch from crash.takeovers', (row) => ({
      partition: writtenBy(row),
      epoch: big(row['epoch']),
    })),
    claims: await read(
      `select guid, encode(digest, 'hex') as digest, place.topic as place_topic, place.partition as place_partition,
              kafka_offset, outcome, ${milliseconds('claimed_at')} as "claimedAt"
         from hookline.processed_deliveries it ${OF_THIS_LOG}`,
      (row) => ({ ...(row as unknown as Claim), partition: ofRecord(row), offset: big(row['kafka_offset']) }),
    ),
    aged: await read(
      `select guid, topic, kafka_partition, kafka_offset, ${milliseconds('claimed_at')} as "claimedAt", beyond, audit_id
         from crash.aged`,
      (row) => ({
        ...(row as unknown as Aged),
        partition: writtenBy(row),
        offset: big(row['kafka_offset']),
        auditId: big(row['audit_id']),
      }),
    ),
    lanes: await read(
      'select ordering_key as key, state, records from hookline.lanes where topic not like $1 order by 1',
      (row) => ({ ...(row as unknown as Lane), records: big(row['records']) }),
      [LIKE_JOB_TOPIC],
    ),
    waiting: await read(
      `select it.topic, it.kafka_partition, place.topic as place_topic, place.partition as place_partition, kafka_offset,
              ordering_key as key, last_run as "lastRun"
         from hookline.lane_deliveries it ${PLACED}`,
      (row) => ({
        ...(row as unknown as Waiting),
        partition: ofRecord(row),
        keptAt: writtenBy(row),
        offset: big(row['kafka_offset']),
      }),
    ),
    deadLetters: await read(
      `select it.topic, it.kafka_partition, place.topic as place_topic, place.partition as place_partition, kafka_offset,
              handler, reason, attempts, state, ${milliseconds('settled_at')} as "settledAt"
         from hookline.dead_letters it ${OF_THIS_LOG}`,
      (row) => ({
        ...(row as unknown as DeadLetter),
        partition: ofRecord(row),
        keptAt: writtenBy(row),
        offset: big(row['kafka_offset']),
      }),
    ),
    held: await read(
      `select encode(digest, 'hex') as digest, ordering_key as key, topic, kafka_partition, state
         from hookline.held_deliveries`,
      (row) => ({ ...(row as unknown as Held), keptAt: writtenBy(row) }),
    ),
    commands: await readCommands(database),
  };
}

/** What is kept of operators' commands. */
export async function readCommands(database: Database): Promise<Command[]> {
  const { rows } = await database.query<Command & Row>(
    `select command_id as id, command as name, coalesce(target ->> 'state', '') as state, outcome, via, actor
       from hookline.control_commands`,
  );
  return rows;
}

/** Who has which name for its transactions. */
async function readOwners(database: Database): Promise<(writtenAs: string) => Owner | null> {
  const { rows } = await database.query<{ consumer_group: string; topic: string; kafka_partition: number }>(
    'select consumer_group, topic, kafka_partition from hookline.partition_offsets',
  );
  const owners = new Map(
    rows.map(({ consumer_group: consumerGroup, topic, kafka_partition: partition }) => [
      fenceApplicationPrefix({ consumerGroup, topic, partition }),
      partitionName(topic, partition),
    ]),
  );
  return (writtenAs) => {
    const [, prefix, epoch] = /^(.*\/)(\d+)$/.exec(writtenAs) ?? [];
    const partition = owners.get(prefix ?? '');
    return partition && epoch ? { partition, epoch: BigInt(epoch) } : null;
  };
}

const big = (value: unknown): bigint => BigInt(value as string);
const writtenBy = (row: Row): string => partitionName(String(row['topic']), Number(row['kafka_partition']));
const ofRecord = (row: Row): string => partitionName(String(row['place_topic']), Number(row['place_partition']));
