import type { Queryable } from '../database.ts';
import type { LastRun } from '../lanes/read-lane.ts';
import { storedColumns, storedDelivery, type StoredDelivery, type StoredRow } from './stored-delivery.ts';

/** A delivery that waits in its key's lane. */
export interface WaitingView extends StoredDelivery {
  position: bigint;
  waitingSince: Date;
  /** What the lane runs when it comes to it: the delivery, or its dead handlers again. */
  run: string;
  deadHandlers: string[] | null;
  /** Null until its attempts were exhausted. */
  lastRun: LastRun | null;
}

interface Row extends StoredRow {
  position: string;
  waiting_since: Date;
  run: string;
  dead_handlers: string[] | null;
  last_run: LastRun | null;
}

/** What waits: by the GUID of the deliveries, or the first ones of a key, in order. */
export async function listWaiting(
  database: Queryable,
  by: { guid: string } | { orderingKey: string },
  { limit, withBody = false }: { limit: number; withBody?: boolean },
): Promise<WaitingView[]> {
  const [condition, value] = 'guid' in by ? ['guid = $1', by.guid] : ['ordering_key = $1', by.orderingKey];
  const { rows } = await database.query<Row>(
    `select ${storedColumns('waiting', withBody)}, position, waiting_since, run, dead_handlers, last_run
       from hookline.lane_deliveries waiting
      where ${condition}
      order by consumer_group, topic, kafka_partition, ordering_key, position
      limit $2`,
    [value, limit],
  );
  return rows.map((row) => ({
    ...storedDelivery(row),
    position: BigInt(row.position),
    waitingSince: row.waiting_since,
    run: row.run,
    deadHandlers: row.dead_handlers,
    lastRun: row.last_run,
  }));
}
