-- Why: the row is the fence. Every transaction of the processor locks it first and checks the epoch, so that a stale
-- owner commits nothing; next_offset is the only truth of what has been processed. Kafka's group offset is a copy.
-- last_record_digest and last_record_time describe the record at next_offset - 1: the witness that the log is still
-- the one that we read. fillfactor: the row is updated once per slice, within its page.
create table hookline.partition_offsets (
  consumer_group text not null,
  topic text not null,
  kafka_partition integer not null check (kafka_partition >= 0),
  next_offset bigint not null check (next_offset >= 0),
  epoch bigint not null check (epoch >= 1),
  owner text not null,
  last_record_digest bytea,
  last_record_time timestamptz,
  taken_over_at timestamptz not null default now(),
  primary key (consumer_group, topic, kafka_partition)
) with (fillfactor = 50);
