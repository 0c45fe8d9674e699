-- Why: a claim says how the delivery ended: a dead one is run again when it arrives again, a discarded one is not. A
-- body that was seen under another GUID can be a replay of a captured request, so that bodies are looked up, too (the
-- unique key of each range begins with the GUID, and serves the other look-up).
-- held_deliveries: what is not run until an operator has decided: one row, with one body, however often it arrives. It
-- stays, without the body, when it was decided: what was counted before is not held again when the log is read again.
-- dead_letters.state: `dead` until it is run again or discarded; `waiting` while it is to be run in its key's lane.
-- generation counts the runs that a dead letter has had: a command names the one that it was decided on.
-- seen_incarnation, seen_offset: the last record that did something about the delivery; reading it again does nothing.
-- lane_deliveries.run: what a lane runs when it comes to it. A reset, a redrive runs the dead handlers only, which are
-- named there, with the place of the delivery that is dead.
alter table hookline.processed_deliveries
  add column outcome text not null default 'processed' check (outcome in ('processed', 'dead', 'discarded'));

create index processed_deliveries_by_digest on hookline.processed_deliveries (digest, dedup_scope, guid);

alter table hookline.audit_log
  drop constraint audit_log_decision_check,
  drop constraint audit_log_stage_check,
  add column flags text[] not null default '{}',
  add constraint audit_log_stage_check check (stage in ('log', 'lane', 'partition', 'operator')),
  add constraint audit_log_decision_check check (
    decision in ('processed', 'duplicate', 'ignored', 'parked', 'reset', 'retried', 'dead-lettered', 'held', 'resumed',
                 'refused', 'reread', 'discarded', 'applied', 'released', 'redriven', 'skipped', 'erased'));

create table hookline.held_deliveries (
  consumer_group text not null,
  topic text not null,
  kafka_partition integer not null check (kafka_partition >= 0),
  dedup_scope text not null,
  digest bytea not null check (octet_length(digest) = 32),
  event text not null,
  reason text not null check (reason in ('suspected-replay', 'other-event')),
  known_guid uuid not null,
  known_event text not null,
  state text not null default 'held' check (state in ('held', 'released', 'discarded')),
  arrivals bigint not null default 1 check (arrivals >= 1),
  generation integer not null default 1,
  incarnation integer not null,
  kafka_offset bigint not null,
  appended_at timestamptz not null,
  seen_incarnation integer not null,
  seen_offset bigint not null,
  ordering_key text not null,
  source text not null,
  guid uuid not null,
  action text,
  repository_id text,
  hook_id text,
  received_at timestamptz not null,
  headers jsonb not null,
  secret_label text not null,
  body bytea,
  body_encoding text check (body_encoding in ('identity', 'zstd')),
  body_bytes integer,
  held_at timestamptz not null default now(),
  last_arrival_at timestamptz not null default now(),
  settled_at timestamptz,
  check ((body is null) = (body_encoding is null) and (body is null) = (body_bytes is null)),
  primary key (consumer_group, topic, kafka_partition, digest, dedup_scope, event)
);

alter table hookline.held_deliveries alter column body set storage external;

alter table hookline.dead_deliveries
  add column body_bytes integer,
  add column seen_incarnation integer,
  add column seen_offset bigint;

create index dead_deliveries_by_digest on hookline.dead_deliveries (digest, dedup_scope);

alter table hookline.dead_letters
  drop constraint dead_letters_reason_check,
  add constraint dead_letters_reason_check
    check (reason in ('handler-failed', 'process-killed', 'undecodable', 'event-mismatch', 'skipped')),
  drop constraint dead_letters_check,
  add constraint dead_letters_check check ((handler is null) = (reason in ('undecodable', 'event-mismatch'))),
  add column state text not null default 'dead' check (state in ('dead', 'waiting', 'redriven', 'discarded')),
  add column generation integer not null default 1 check (generation >= 1),
  add column occurrences bigint not null default 1 check (occurrences >= 1),
  add column settled_at timestamptz;

create index lane_deliveries_by_payload on hookline.lane_deliveries (digest, dedup_scope);

alter table hookline.lane_deliveries
  add column run text not null default 'delivery' check (run in ('delivery', 'reset', 'redrive', 'replay')),
  add column dead_incarnation integer,
  add column dead_offset bigint,
  add column dead_handlers text[],
  add check ((run in ('reset', 'redrive')) = (dead_offset is not null)),
  add check ((dead_offset is null) = (dead_incarnation is null) and (dead_offset is null) = (dead_handlers is null));
