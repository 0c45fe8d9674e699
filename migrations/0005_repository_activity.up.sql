-- Why: the built-in handler's projection, one row per ordering key: how much happened and what came last. Nothing in
-- it depends on when it was written, so that the same log gives the same rows.
create table hookline.repository_activity (
  ordering_key text primary key,
  kafka_partition integer not null,
  deliveries bigint not null check (deliveries >= 1),
  last_event text not null,
  last_action text,
  last_guid uuid not null,
  last_offset bigint not null,
  last_received_at timestamptz not null
) with (fillfactor = 70);
