-- Why: every record of the log gets one row that says what became of it, in the transaction that decided: what is
-- below a partition's next_offset and has no row here was skipped silently, and that must never happen. In ranges by
-- time, because the audit has a retention of its own. A sequence instead of an identity column: partitioned tables have
-- identity columns since PostgreSQL 17 only, and a table to be attached may not bring one.
create sequence hookline.audit_log_audit_id_seq;

create table hookline.audit_log (
  audit_id bigint not null default nextval('hookline.audit_log_audit_id_seq'),
  recorded_at timestamptz not null default now(),
  decision text not null check (decision in ('processed', 'duplicate', 'ignored')),
  topic text not null,
  kafka_partition integer not null,
  kafka_offset bigint not null,
  epoch bigint not null,
  ordering_key text not null,
  source text not null,
  dedup_scope text not null,
  guid uuid not null,
  digest bytea not null,
  event text not null,
  action text,
  received_at timestamptz not null
) partition by range (recorded_at);

create index audit_log_by_place on hookline.audit_log (topic, kafka_partition, kafka_offset);
create index audit_log_by_guid on hookline.audit_log (guid);
