import { bigintArray, integerArray, prepared, textArray, timestamptzArray, uuidArray } from '@hookline/database';
import type { HandledDelivery, SliceHandler } from '@hookline/handlers';
import { ourHandler } from './our-handler.ts';

/** What a slice adds to one row of `hookline.repository_activity`. */
interface ActivityChange {
  deliveries: number;
  last: HandledDelivery;
}

/** Per ordering key, how many deliveries and which came last, in log order. */
function activityOf(deliveries: readonly HandledDelivery[]): Map<string, ActivityChange> {
  const changes = new Map<string, ActivityChange>();
  for (const delivery of deliveries) {
    const before = changes.get(delivery.orderingKey);
    changes.set(delivery.orderingKey, { deliveries: (before?.deliveries ?? 0) + 1, last: delivery });
  }
  return changes;
}

const ADD = prepared(
  `insert into hookline.repository_activity as activity
          (ordering_key, kafka_partition, deliveries, last_event, last_action, last_guid, last_offset,
           last_received_at)
   select * from unnest($1::text[], $2::integer[], $3::bigint[], $4::text[], $5::text[], $6::uuid[], $7::bigint[],
                        $8::timestamptz[])
       on conflict (ordering_key) do update
      set deliveries = activity.deliveries + excluded.deliveries,
          last_event = excluded.last_event,
          last_action = excluded.last_action,
          last_guid = excluded.last_guid,
          last_offset = excluded.last_offset,
          last_received_at = excluded.last_received_at`,
);

/** The built-in projection: one row per ordering key, one statement per slice. */
export const repositoryActivity = ourHandler<SliceHandler>({
  kind: 'slice',
  name: 'repository-activity',
  on: ['*'],
  async runSlice(deliveries, { db }) {
    const changes = [...activityOf(deliveries)];
    await db.query(ADD, [
      textArray(changes.map(([key]) => key)),
      integerArray(changes.map(([, { last }]) => last.partition)),
      bigintArray(changes.map(([, { deliveries: count }]) => count)),
      textArray(changes.map(([, { last }]) => last.event)),
      textArray(changes.map(([, { last }]) => last.action)),
      uuidArray(changes.map(([, { last }]) => last.guid)),
      bigintArray(changes.map(([, { last }]) => last.offset)),
      timestamptzArray(changes.map(([, { last }]) => last.receivedAt)),
    ]);
  },
});
