-- Why: a lane is a key that waits. When a record fails, its key's lane opens in the transaction that advances the
-- offset, and later records of the key are appended behind it, so that other keys go on and this one keeps its order.
-- Only the partition's owner touches them, under the fence: positions need no sequence.
-- attempts, kills and deferrals are of the head: tries that counted, processes that died of it, tries in a row that did
-- not count. Positions below careful_until are run one at a time: a process has died in a run that held them.
-- The positions of what waits are those from head_position to next_position: reads begin there, and not below the rows
-- that were deleted since. No index by due_at: with one, no try would stay within its page (fillfactor).
create table hookline.lanes (
  consumer_group text not null,
  topic text not null,
  kafka_partition integer not null check (kafka_partition >= 0),
  ordering_key text not null,
  state text not null default 'retrying' check (state in ('retrying', 'held')),
  head_position bigint not null default 0,
  next_position bigint not null default 0,
  records bigint not null default 0 check (records >= 0),
  bytes bigint not null default 0 check (bytes >= 0),
  attempts integer not null default 0,
  kills integer not null default 0,
  deferrals integer not null default 0,
  careful_until bigint not null default 0,
  last_error text,
  due_at timestamptz not null,
  opened_at timestamptz not null default now(),
  primary key (consumer_group, topic, kafka_partition, ordering_key)
) with (fillfactor = 50);

-- What waits: decoded columns and the body, not bytes that need the registry. body_bytes: its size when it is read, by
-- which reads are bounded. last_run: null until the attempts are exhausted; then what became of each handler in its last
-- run (started, processed, dead).
create table hookline.lane_deliveries (
  consumer_group text not null,
  topic text not null,
  kafka_partition integer not null,
  ordering_key text not null,
  position bigint not null,
  incarnation integer not null,
  kafka_offset bigint not null,
  appended_at timestamptz not null,
  source text not null,
  dedup_scope text not null,
  guid uuid not null,
  digest bytea not null check (octet_length(digest) = 32),
  event text not null,
  action text,
  repository_id text,
  hook_id text,
  received_at timestamptz not null,
  headers jsonb not null,
  secret_label text not null,
  body bytea not null,
  body_encoding text not null check (body_encoding in ('identity', 'zstd')),
  body_bytes integer not null,
  last_run jsonb,
  waiting_since timestamptz not null default now(),
  primary key (consumer_group, topic, kafka_partition, ordering_key, position)
);

-- The body is compressed already: PostgreSQL would try again for nothing.
alter table hookline.lane_deliveries alter column body set storage external;

create index lane_deliveries_by_identity on hookline.lane_deliveries (guid, digest, dedup_scope);
