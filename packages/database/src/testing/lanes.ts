import type { Queryable } from '../database.ts';
import { appendToLanes } from '../lanes/append-to-lanes.ts';
import { openLanes } from '../lanes/open-lanes.ts';
import { readLane } from '../lanes/read-lane.ts';
import { removeFromLane } from '../lanes/remove-from-lane.ts';
import type { LoggedDelivery } from '../logged-delivery.ts';
import { storedBytes } from '../stored-body.ts';
import { fenceOf } from './partitions.ts';

export const fence = fenceOf(3n);
export const ALL = { records: 1000, bytes: 1e9 };

/** Lanes other than those of {@link fence}: whatever is asked or done about its own must not see or touch them. */
export const OTHERS = [
  fenceOf(3n, { partition: 11 }),
  fenceOf(3n, { consumerGroup: 'g' }),
  fenceOf(3n, { topic: 't' }),
];

/** What tests do to, and read of, lanes. */
export function lanesIn(database: Queryable) {
  return {
    /** There are none. */
    clear: () => database.query('truncate hookline.lanes, hookline.lane_deliveries'),

    open: (on = fence, keys = ['a'], dueInMs = 0): Promise<void> =>
      openLanes(
        database,
        on,
        keys.map((orderingKey) => ({ orderingKey, attempts: 1, kills: 0, deferrals: 0, dueInMs, error: 'failed' })),
      ),

    async append(records: LoggedDelivery[], on = fence): Promise<void> {
      await appendToLanes(
        database,
        on,
        records.map((record) => ({ ...record, stored: storedBytes(record.delivery.body) })),
      );
    },

    async lane(key = 'a'): Promise<Record<string, unknown> | undefined> {
      const { rows } = await database.query(
        `select state, head_position, next_position, records, attempts, kills, deferrals, careful_until, last_error,
                round(extract(epoch from due_at - now()))::integer as due_in_s
           from hookline.lanes where consumer_group = $1 and topic = $2 and kafka_partition = $3 and ordering_key = $4`,
        [fence.consumerGroup, fence.topic, fence.partition, key],
      );
      return rows[0];
    },

    /** Removes the first `records` of a lane, as a run of them does. */
    async runFirst(records: number, key = 'a', on = fence) {
      const heads = await readLane(database, on, key, { ...ALL, records });
      const bytes = heads.reduce((sum, head) => sum + head.storedBytes, 0);
      return removeFromLane(database, on, key, { through: heads.at(-1)!.position, records: heads.length, bytes });
    },
  };
}
