-- Why: operators' decisions are records of the log, in order with deliveries, and a command must take effect once however
-- often it is in the log: its id is claimed here, by the transaction that applies or refuses it. For a partition that
-- does not read (halted, paused) the same command is written here by the operator's tool, and the owner applies it.
-- target: what the command is about and the state that it was decided on, as in the record.
create table hookline.control_commands (
  command_id uuid primary key,
  consumer_group text not null,
  topic text not null,
  kafka_partition integer not null check (kafka_partition >= 0),
  command text not null,
  target jsonb not null,
  actor text not null,
  why text not null,
  via text not null check (via in ('log', 'table')),
  incarnation integer,
  kafka_offset bigint,
  requested_at timestamptz not null default now(),
  outcome text check (outcome in ('applied', 'refused')),
  outcome_detail text,
  settled_at timestamptz,
  check ((outcome is null) = (settled_at is null)),
  check (outcome is not null or via = 'table')
);

create index control_commands_open on hookline.control_commands (consumer_group, topic, kafka_partition)
  where outcome is null;
create index control_commands_by_time on hookline.control_commands (requested_at);
