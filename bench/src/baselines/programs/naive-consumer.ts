// What one writes first: a transaction for each message, which claims its identity, makes its effect and notes it. What was
// claimed before is skipped, so that its effect happens once, though Kafka delivers at least once.
import { commit, transaction } from '@hookline/database';
import { openConsumer, orEnd, type ConsumedRecord } from '../open-consumer.ts';

const { lanes, database, consumer, subscribe, read } = openConsumer();

await subscribe();
await consumer.run({
  partitionsConsumedConcurrently: lanes,
  autoCommitInterval: 1000,
  eachMessage: ({ partition, message }) => orEnd(async () => handle(await read(partition, message))),
});

async function handle({ topic, partition, offset, orderingKey, delivery }: ConsumedRecord): Promise<void> {
  const { guid, digest, dedupScope, event, action, source, repositoryId } = delivery;
  const receivedAt = new Date(delivery.receivedAt);
  await transaction(database, {}, async (tx) => {
    const { rowCount } = await tx.query(
      `insert into hookline.processed_deliveries
              (guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset, outcome)
       values ($1, $2, $3, $4, $5, $6, 1, $7, 'processed')
           on conflict do nothing`,
      [guid, digest, dedupScope, event, topic, partition, offset],
    );
    if (rowCount === 0) return commit(undefined);
    await tx.query(
      `insert into hookline.repository_activity as activity
              (ordering_key, kafka_partition, deliveries, last_event, last_action, last_guid, last_offset,
               last_received_at)
       values ($1, $2, 1, $3, $4, $5, $6, $7)
           on conflict (ordering_key) do update
          set deliveries = activity.deliveries + 1,
              last_event = excluded.last_event,
              last_action = excluded.last_action,
              last_guid = excluded.last_guid,
              last_offset = excluded.last_offset,
              last_received_at = excluded.last_received_at`,
      [orderingKey, partition, event, action, guid, offset, receivedAt],
    );
    await tx.query(
      `insert into hookline.audit_log
              (stage, decision, topic, kafka_partition, incarnation, kafka_offset, epoch, ordering_key, source,
               dedup_scope, guid, digest, event, action, received_at, flags, repository_id)
       values ('log', 'processed', $1, $2, 1, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, '{}', $12)`,
      [
        topic,
        partition,
        offset,
        orderingKey,
        source,
        dedupScope,
        guid,
        digest,
        event,
        action,
        receivedAt,
        repositoryId,
      ],
    );
    return commit(undefined);
  });
}
