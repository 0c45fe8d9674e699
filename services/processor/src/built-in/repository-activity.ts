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

/** The built-in projection: one row per ordering key, one statement per slice. */
export const repositoryActivity = ourHandler<SliceHandler>({
  kind: 'slice',
  name: 'repository-activity',
  on: ['*'],
  async runSlice(deliveries, { db }) {
    const changes = [...activityOf(deliveries)];
    await db.query(
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
      [
        changes.map(([key]) => key),
        changes.map(([, { last }]) => last.partition),
        changes.map(([, { deliveries: count }]) => count),
        changes.map(([, { last }]) => last.event),
        changes.map(([, { last }]) => last.action),
        changes.map(([, { last }]) => last.guid),
        changes.map(([, { last }]) => last.offset),
        changes.map(([, { last }]) => new Date(last.receivedAt)),
      ],
    );
  },
});
