-- Why: a log grows by a new topic generation, and what waits of the old one goes with it. The state of each generation is
-- here, so that the move can be taken up again wherever it was broken off, and so that nothing is read before its time:
-- prepared, active, sealing, draining, moved. ends: the offset behind the last record of each partition, in the order of
-- their numbers; nothing but end marks comes behind them.
-- former_logs: places of the old log are kept by what waits and what is dead, though its partition is another now, and
-- two old partitions can have become one. Each old log of a partition gets an incarnation of its own, below zero, so that
-- (topic, partition, incarnation, offset) stays one place; a record of the new log is never taken for one of the old.
alter table hookline.topic_generations
  add column state text not null default 'active'
    check (state in ('prepared', 'active', 'sealing', 'draining', 'moved')),
  add column ends bigint[],
  add column moved_by text,
  add column moved_why text,
  add column sealing_at timestamptz,
  add column moved_at timestamptz,
  add check ((ends is not null) = (state in ('draining', 'moved'))),
  add check (ends is null or cardinality(ends) = partitions),
  add check ((sealing_at is not null) = (state in ('sealing', 'draining', 'moved'))),
  add check ((moved_at is not null) = (state = 'moved'));

create table hookline.former_logs (
  incarnation integer primary key generated always as identity (start with -1 increment by -1 minvalue -2147483648
                                                                maxvalue -1),
  consumer_group text not null,
  topic text not null,
  kafka_partition integer not null check (kafka_partition >= 0),
  former_incarnation integer not null,
  moved_to text not null,
  moved_at timestamptz not null default now(),
  unique (consumer_group, topic, kafka_partition, former_incarnation)
);

grant select on hookline.former_logs to hookline_operator;
