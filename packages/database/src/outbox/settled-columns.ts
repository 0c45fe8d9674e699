/** SQL: what is kept of an effect that is settled, as the outbox has it. */
export const SETTLED_COLUMNS = `effect_id, consumer_group, topic, kafka_partition, ordering_key, queue, kind, handler,
            effect_key, dedup_scope, guid, digest, repository_id, created_at`;
