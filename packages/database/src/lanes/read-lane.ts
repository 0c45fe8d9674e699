import type { Queryable } from '../database.ts';
import type { Fence } from '../fence.ts';
import type { LogPlace } from '../find-identities.ts';
import type { LoggedDelivery } from '../logged-delivery.ts';
import { readBody, type StoredBody } from '../stored-body.ts';

/** What became of each handler in a delivery's last run. */
export type LastRun = Record<string, 'started' | 'processed' | 'dead'>;

/** A delivery that waits. */
export interface LaneDelivery extends LoggedDelivery {
  position: bigint;
  incarnation: number;
  /** Null until its attempts were exhausted. */
  lastRun: LastRun | null;
  /**
   * What a lane runs when it comes to it: a delivery, one that was held and released (`replay`), or, of one that is dead,
   * the handlers in `dead`, because it has arrived again (`reset`) or an operator has decided so (`redrive`).
   */
  run: 'delivery' | 'replay' | 'reset' | 'redrive';
  /** Of a reset or redrive: where the delivery is kept, and its handlers that are to run. */
  dead: { place: LogPlace; handlers: string[] } | null;
  /** Of its body, as the lane counts them. */
  storedBytes: number;
}

interface Row {
  position: string;
  incarnation: number;
  kafka_offset: string;
  appended_at: Date;
  source: string;
  dedup_scope: string;
  guid: string;
  digest: Buffer;
  event: string;
  action: string | null;
  repository_id: string | null;
  hook_id: string | null;
  received_at: Date;
  headers: Record<string, string>;
  secret_label: string;
  body: Buffer;
  body_encoding: StoredBody['encoding'];
  body_bytes: number;
  last_run: LastRun | null;
  run: LaneDelivery['run'];
  dead_incarnation: number | null;
  dead_offset: string | null;
  dead_handlers: string[] | null;
}

/**
 * The first records of a lane, in order: as many as the limits allow, at least one, none where there is no lane. Bytes
 * are those of the bodies as they are returned. Locks nothing: only the owner removes them, under the fence.
 *
 * Looks from the lane's head to its end only: below are the dead rows of what was removed, and above, since positions
 * begin anew with each opening, those of a longer lane that the key had before.
 */
export async function readLane(
  tx: Queryable,
  fence: Fence,
  orderingKey: string,
  limits: { records: number; bytes: number },
): Promise<LaneDelivery[]> {
  const { rows } = await tx.query<Row & Record<string, unknown>>(
    `select position, incarnation, kafka_offset, appended_at, source, dedup_scope, guid, digest, event, action,
            repository_id, hook_id, received_at, headers, secret_label, body, body_encoding, body_bytes, last_run,
            run, dead_incarnation, dead_offset, dead_handlers
       from (select waiting.*,
                    sum(body_bytes) over (order by position rows unbounded preceding) as total_bytes,
                    waiting.position = lane.head_position as is_head
               from hookline.lanes lane
              cross join lateral (
                    select *
                      from hookline.lane_deliveries
                     where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = $4
                       and position >= lane.head_position and position < lane.next_position
                     order by position
                     limit $5) as waiting
              where lane.consumer_group = $1 and lane.topic = $2 and lane.kafka_partition = $3
                and lane.ordering_key = $4) as first
      where is_head or total_bytes <= $6
      order by position`,
    [fence.consumerGroup, fence.topic, fence.partition, orderingKey, limits.records, limits.bytes],
  );
  return rows.map((row) => laneDelivery(fence, orderingKey, row));
}

function laneDelivery(fence: Fence, orderingKey: string, row: Row): LaneDelivery {
  return {
    partition: fence.partition,
    offset: BigInt(row.kafka_offset),
    time: row.appended_at.getTime(),
    orderingKey,
    delivery: {
      source: row.source,
      dedupScope: row.dedup_scope,
      guid: row.guid,
      digest: row.digest,
      event: row.event,
      action: row.action,
      repositoryId: row.repository_id,
      hookId: row.hook_id,
      receivedAt: row.received_at.getTime(),
      headers: row.headers,
      secretLabel: row.secret_label,
      // What has such a problem never waits.
      eventProblem: null,
      body: readBody({ encoding: row.body_encoding, bytes: row.body }, row.body_bytes),
    },
    position: BigInt(row.position),
    incarnation: row.incarnation,
    lastRun: row.last_run,
    run: row.run,
    dead: deadOf(row),
    storedBytes: row.body.length,
  };
}

function deadOf({ dead_incarnation, dead_offset, dead_handlers }: Row): LaneDelivery['dead'] {
  if (dead_incarnation === null || dead_offset === null) return null;
  return { place: { incarnation: dead_incarnation, offset: BigInt(dead_offset) }, handlers: dead_handlers ?? [] };
}
