import { partitionOf } from '@hookline/contracts';
import { errorFingerprint, type Queryable } from '@hookline/database';
import { keyOf, repositoriesInTurn } from '../load/deliveries.ts';
import { fillLog } from '../load/fill-log.ts';
import { countWaiting, untilCaughtUp } from '../observe/waits.ts';
import type { System } from '../system/open-system.ts';

/** The processor whose handler notes its runs. */
export const REDRIVEN = {
  source: 'bench/src/programs/redriven.ts',
  dist: 'bench/src/programs/redriven.ts',
};

const REDRIVEN_ERROR = errorFingerprint(new Error('There is no label by that name.'));
/** Of the repositories that are not redriven. */
const OTHER_ERROR = errorFingerprint(new Error('This repository is archived.'));
const OTHERS = 3;
const LETTERS_OF_OTHERS = 5;

/** What is dead before a redrive. */
export interface Dead {
  /** Of the error that is redriven. */
  fingerprint: string;
  letters: number;
  /** Dead of another error. */
  others: number;
}

/**
 * Makes so many dead letters of one error, over so many repositories, and some of another error. The deliveries come by
 * the log, and a processor has them wait in lanes, which are held; there statements do for all of them what the last run
 * of each does in which one of two handlers fails: to have all of them fail one by one takes hours.
 */
export async function makeDead(system: System, letters: number, repositories: number): Promise<Dead> {
  const { database } = system;
  await database.query(
    `create table hookline_handlers.runs
            (run_id bigint generated always as identity primary key, guid uuid not null, ordering_key text not null)`,
  );
  await database.query('grant insert on hookline_handlers.runs to hookline_handlers');
  const others = OTHERS * LETTERS_OF_OTHERS;
  const keys = Array.from({ length: repositories + OTHERS }, (_, i) => keyOf(i + 1));
  const othersKeys = keys.slice(repositories);

  await hold(system, keys);
  await fillLog(system, { repositories: turns(letters, repositories, others) });
  const processor = system.start(REDRIVEN);
  await untilCaughtUp(system);
  const { code, stderr } = await processor.stop();
  if (code !== 0) throw new Error(`The processor ended with exit code ${code}:\n${stderr}`);
  const waiting = await countWaiting(system);
  if (waiting !== letters + others) throw new Error(`${waiting} of ${letters + others} deliveries wait in lanes.`);
  await die(database, othersKeys);
  // What a server that has run for long would know.
  await database.query('analyze');
  return { fingerprint: REDRIVEN_ERROR.fingerprint, letters, others };
}

function* turns(letters: number, repositories: number, others: number): Generator<number> {
  yield* repositoriesInTurn(letters, repositories);
  for (const repository of repositoriesInTurn(others, OTHERS)) yield repositories + repository;
}

function hold({ database, topic, partitions }: System, keys: readonly string[]): Promise<unknown> {
  return database.query(
    `insert into hookline.lanes (consumer_group, topic, kafka_partition, ordering_key, state, due_at)
     select $1, $1, kafka_partition, ordering_key, 'held', now()
       from unnest($2::integer[], $3::text[]) as held (kafka_partition, ordering_key)`,
    [topic, keys.map((key) => partitionOf(key, partitions)), keys],
  );
}

/** What waits has died of one of its two handlers, as its last run writes it; and the lanes are gone. */
async function die(database: Queryable, othersKeys: readonly string[]): Promise<void> {
  const place = 'consumer_group, topic, kafka_partition, incarnation, kafka_offset';
  const delivery = `source, dedup_scope, guid, digest, event, action, repository_id, hook_id, received_at, headers,
                    secret_label, body, body_encoding, body_bytes`;
  const error = (name: 'fingerprint' | 'message' | 'stack') => [REDRIVEN_ERROR, OTHER_ERROR].map((of) => of[name]);
  await database.query(
    `insert into hookline.processed_deliveries
            (guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset, outcome)
     select guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset, 'dead'
       from hookline.lane_deliveries`,
  );
  await database.query(
    `insert into hookline.dead_deliveries (${place}, appended_at, ordering_key, ${delivery}, seen_incarnation, seen_offset)
     select ${place}, appended_at, ordering_key, ${delivery}, log_incarnation, next_offset - 1
       from hookline.lane_deliveries
       join (select consumer_group, topic, kafka_partition, incarnation as log_incarnation, next_offset
               from hookline.partition_offsets) as log using (consumer_group, topic, kafka_partition)`,
  );
  await database.query(
    `insert into hookline.dead_letters (${place}, handler, reason, attempts, error_fingerprint, error_message, error_stack)
     select ${place}, 'note-runs', 'handler-failed', 1,
            case when other then $3 else $2 end, case when other then $5 else $4 end, case when other then $7 else $6 end
       from (select *, ordering_key = any ($1) as other from hookline.lane_deliveries) as waits
      order by kafka_partition, kafka_offset`,
    [othersKeys, ...error('fingerprint'), ...error('message'), ...error('stack')],
  );
  await database.query(
    `insert into hookline.audit_log
            (stage, decision, topic, kafka_partition, incarnation, kafka_offset, epoch, ordering_key, source, dedup_scope,
             guid, digest, event, action, received_at, handler)
     select 'lane', 'dead-lettered', topic, kafka_partition, incarnation, kafka_offset, epoch, ordering_key, source,
            dedup_scope, guid, digest, event, action, received_at, 'note-runs'
       from hookline.lane_deliveries
       join (select consumer_group, topic, kafka_partition, epoch from hookline.partition_offsets) as log
            using (consumer_group, topic, kafka_partition)
      order by kafka_partition, kafka_offset`,
  );
  await database.query(
    `insert into hookline.repository_activity
            (ordering_key, kafka_partition, deliveries, last_event, last_guid, last_offset, last_received_at)
     select distinct on (ordering_key) ordering_key, kafka_partition, count(*) over (partition by ordering_key), event,
            guid, kafka_offset, received_at
       from hookline.lane_deliveries
      order by ordering_key, kafka_offset desc`,
  );
  await database.query('delete from hookline.lane_deliveries');
  await database.query('delete from hookline.lanes');
}
