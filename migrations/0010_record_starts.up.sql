-- Why: a record that kills its process (out of memory, an endless loop) leaves no trace of itself, and would kill the
-- next one. What may be such a record is noted here before it runs, in a transaction of its own, and the row goes with
-- the transaction that completes it. A row of a process that is no more tells what that one was doing when it died.
-- One row per partition for the log, and one per lane that runs.
create table hookline.record_starts (
  consumer_group text not null,
  topic text not null,
  kafka_partition integer not null,
  stage text not null check (stage in ('log', 'lane')),
  ordering_key text not null,
  first_position bigint not null,
  records integer not null check (records >= 1),
  epoch bigint not null,
  owner text not null,
  started_at timestamptz not null default now(),
  primary key (consumer_group, topic, kafka_partition, stage, ordering_key)
) with (fillfactor = 50);
