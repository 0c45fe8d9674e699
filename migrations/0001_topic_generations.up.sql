-- Why: the number of a topic's partitions is part of every key's place. It is recorded here once, and the processor
-- refuses to work on a topic that has another number: order, lanes and identities would split over two partitions.
-- consumer_group is the first group that has processed it, and the only one that may: a second would claim the same
-- identities under fences of its own.
-- Everything of Hookline's lives in the schema `hookline`, named in full in every statement: no statement depends on
-- a session's search_path, so that poolers in transaction mode work. The migrator makes the schema before its first
-- migration, because its own bookkeeping lives there too.
create table hookline.topic_generations (
  topic text primary key,
  generation integer not null check (generation >= 1),
  partitions integer not null check (partitions >= 1),
  recorded_at timestamptz not null default now(),
  consumer_group text
);
