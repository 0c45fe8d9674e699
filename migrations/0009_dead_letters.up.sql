-- Why: what could not be handled is kept with all that is needed to look at it and to run it again. A delivery that died
-- is stored once, by its place in the log; a dead letter is one (delivery, handler), since its other handlers may have
-- succeeded. A record that is no delivery has one dead letter without a handler, and its raw value for a body.
create table hookline.dead_deliveries (
  consumer_group text not null,
  topic text not null,
  kafka_partition integer not null,
  incarnation integer not null,
  kafka_offset bigint not null,
  appended_at timestamptz not null,
  ordering_key text,
  source text,
  dedup_scope text,
  guid uuid,
  digest bytea,
  event text,
  action text,
  repository_id text,
  hook_id text,
  received_at timestamptz,
  headers jsonb,
  secret_label text,
  record_key bytea,
  body bytea,
  body_encoding text check (body_encoding in ('identity', 'zstd')),
  primary key (consumer_group, topic, kafka_partition, incarnation, kafka_offset),
  check ((body is null) = (body_encoding is null))
);

alter table hookline.dead_deliveries alter column body set storage external;

create index dead_deliveries_by_guid on hookline.dead_deliveries (guid);

create table hookline.dead_letters (
  dead_letter_id bigint generated always as identity primary key,
  consumer_group text not null,
  topic text not null,
  kafka_partition integer not null,
  incarnation integer not null,
  kafka_offset bigint not null,
  handler text,
  reason text not null check (reason in ('handler-failed', 'process-killed', 'undecodable')),
  attempts integer not null,
  error_fingerprint text not null,
  error_message text not null,
  error_stack text,
  dead_at timestamptz not null default now(),
  unique nulls not distinct (consumer_group, topic, kafka_partition, incarnation, kafka_offset, handler),
  foreign key (consumer_group, topic, kafka_partition, incarnation, kafka_offset)
    references hookline.dead_deliveries,
  check ((handler is null) = (reason = 'undecodable'))
);

create index dead_letters_by_fingerprint on hookline.dead_letters (error_fingerprint);
