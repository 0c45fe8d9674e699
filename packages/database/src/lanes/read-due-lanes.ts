import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';

/** A lane that is to be run, and what is known of its head. */
export interface LaneHead {
  orderingKey: string;
  records: number;
  /** Of the bodies, as they are stored. */
  bytes: number;
  /** Tries of the head that counted. */
  attempts: number;
  /** Processes that died of the head. */
  kills: number;
  /** Tries of the head in a row that did not count. */
  deferrals: number;
  /** The epoch of the owner that tried the head last, or found it as the head; null: of another topic's. */
  triedEpoch: bigint | null;
  /** Records below this position are run one at a time: a process has died in a run that held them. */
  carefulUntil: bigint;
  headPosition: bigint;
}

export interface DueLanes {
  /** Longest due first. */
  due: LaneHead[];
  /** Until the next of those that are not in `due`; 0 when there were more than asked for, null when there are none. */
  nextDueInMs: number | null;
}

interface Row {
  ordering_key: string;
  records: string;
  bytes: string;
  attempts: number;
  kills: number;
  deferrals: number;
  tried_epoch: string | null;
  careful_until: string;
  head_position: string;
  due_in_ms: number;
}

/** The partition's lanes that are due, except those that the caller has at work, and when the next will be. */
export async function readDueLanes(
  database: Queryable,
  fence: Fence,
  limit: number,
  except: readonly string[] = [],
): Promise<DueLanes> {
  const { rows } = await database.query<Row & Record<string, unknown>>(
    `select ordering_key, records, bytes, attempts, kills, deferrals, tried_epoch, careful_until,
            head_position,
            ceil(extract(epoch from due_at - now()) * 1000)::double precision as due_in_ms
       from hookline.lanes
      where consumer_group = $1 and topic = $2 and kafka_partition = $3
        and state = 'retrying' and ordering_key <> all ($4)
      order by due_at, ordering_key
      limit $5`,
    [fence.consumerGroup, fence.topic, fence.partition, except, limit + 1],
  );
  const due = rows.slice(0, limit).filter((row) => row.due_in_ms <= 0);
  const next = rows[due.length];
  return { due: due.map(laneHead), nextDueInMs: next ? Math.max(0, next.due_in_ms) : null };
}

function laneHead(row: Row): LaneHead {
  return {
    orderingKey: row.ordering_key,
    records: Number(row.records),
    bytes: Number(row.bytes),
    attempts: row.attempts,
    kills: row.kills,
    deferrals: row.deferrals,
    triedEpoch: row.tried_epoch === null ? null : BigInt(row.tried_epoch),
    carefulUntil: BigInt(row.careful_until),
    headPosition: BigInt(row.head_position),
  };
}
