-- Why: a partition whose data was lost halts until a human decides, and the decision has to reach its owner although
-- the partition is not read: the halt is a row that anybody can look at, the decision a row that the owner applies under
-- the fence. A command names the state that it was decided on; in another state it is refused.
-- incarnation: which log the offsets are of. Resuming after the topic was recreated begins a new one, so that the same
-- offset of two logs is two places.
-- accepted_committed: what the group had committed when a human decided to go back; up to there it is no sign of a
-- database that was restored.
-- dirty: its owner has begun work and not ended cleanly: what it died of can be in the first slice of the next one.
alter table hookline.partition_offsets
  add column incarnation integer not null default 1 check (incarnation >= 1),
  add column accepted_committed bigint,
  add column dirty boolean not null default false;

alter table hookline.processed_deliveries
  add column incarnation integer not null default 1;

create table hookline.partition_halts (
  consumer_group text not null,
  topic text not null,
  kafka_partition integer not null check (kafka_partition >= 0),
  reason text not null,
  detail text not null,
  next_offset bigint,
  log_start bigint,
  log_end bigint,
  committed bigint,
  owner text not null,
  halted_at timestamptz not null default now(),
  primary key (consumer_group, topic, kafka_partition)
);

create table hookline.partition_commands (
  command_id uuid primary key,
  consumer_group text not null,
  topic text not null,
  kafka_partition integer not null,
  command text not null check (command in ('resume')),
  resume_from text not null check (resume_from in ('stored', 'log-start', 'offset')),
  resume_offset bigint,
  decided_reason text not null,
  decided_next_offset bigint,
  actor text not null,
  why text not null,
  requested_at timestamptz not null default now(),
  outcome text check (outcome in ('applied', 'refused')),
  outcome_detail text,
  settled_at timestamptz,
  check ((resume_from = 'offset') = (resume_offset is not null)),
  check ((outcome is null) = (settled_at is null))
);

create index partition_commands_open on hookline.partition_commands (consumer_group, topic, kafka_partition)
  where outcome is null;
