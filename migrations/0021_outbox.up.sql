-- Why: what handlers want done outside of the database is written in the transaction that claims the delivery, and sent by
-- relays afterwards: once, in order. The outbox has what is not settled yet, so that it stays small; what is settled is known
-- by its id in settled_effects, in ranges by time, until long after its handler could ask for it again.
-- position: given under the partition's fence, so that within a partition positions are in the order of commits, and whoever
-- has read up to one misses nothing below it. A sequence of all partitions: rows keep their positions when the log moves.
create sequence hookline.outbox_position_seq;

-- queue: effects of one ordering key and queue are sent one after another. attempts: begun since it was written, or redriven;
-- total_attempts: ever. An attempt that began and has not ended: state `sending`, until attempt_ends_at at the latest.
create table hookline.outbox (
  effect_id uuid primary key,
  consumer_group text not null,
  topic text not null,
  kafka_partition integer not null check (kafka_partition >= 0),
  position bigint not null default nextval('hookline.outbox_position_seq'),
  ordering_key text not null,
  queue text not null,
  kind text not null,
  handler text not null,
  effect_key text not null,
  source text not null,
  dedup_scope text not null,
  guid uuid not null,
  digest bytea not null,
  event text not null,
  action text,
  repository_id text,
  incarnation integer not null,
  kafka_offset bigint not null,
  request jsonb not null,
  headers jsonb,
  body bytea,
  body_encoding text check (body_encoding in ('identity', 'zstd')),
  body_bytes integer,
  traceparent text,
  created_at timestamptz not null default now(),
  state text not null default 'waiting' check (state in ('waiting', 'sending', 'dead')),
  attempts integer not null default 0,
  total_attempts integer not null default 0,
  due_at timestamptz not null default now(),
  attempt_started_at timestamptz,
  attempt_ends_at timestamptz,
  reason text check (reason in ('refused', 'exhausted', 'ambiguous')),
  error text,
  check ((body is null) = (body_encoding is null) and (body is null) = (body_bytes is null)),
  check ((state = 'sending') = (attempt_ends_at is not null) and (state = 'sending') = (attempt_started_at is not null)),
  check ((state = 'dead') = (reason is not null))
) with (fillfactor = 70);

-- The body is compressed already: PostgreSQL would try again for nothing.
alter table hookline.outbox alter column body set storage external;

create index outbox_by_position on hookline.outbox (consumer_group, topic, kafka_partition, position)
  where state <> 'dead';
create index outbox_by_queue on hookline.outbox (consumer_group, topic, kafka_partition, ordering_key, queue, position);
create index outbox_dead on hookline.outbox (consumer_group, topic, kafka_partition) where state = 'dead';

create table hookline.settled_effects (
  effect_id uuid not null,
  consumer_group text not null,
  topic text not null,
  kafka_partition integer not null,
  ordering_key text not null,
  queue text not null,
  kind text not null,
  handler text not null,
  effect_key text not null,
  dedup_scope text not null,
  guid uuid not null,
  digest bytea not null,
  repository_id text,
  outcome text not null check (outcome in ('sent', 'discarded')),
  result jsonb,
  attempts integer not null,
  created_at timestamptz not null,
  settled_at timestamptz not null default now()
) partition by range (settled_at);

create index settled_effects_by_guid on hookline.settled_effects (guid);

-- Who sends the effects of a partition. The epoch is the fence: whoever writes what became of an attempt locks the row and
-- compares it.
create table hookline.outbox_shards (
  consumer_group text not null,
  topic text not null,
  kafka_partition integer not null check (kafka_partition >= 0),
  epoch bigint not null default 0,
  owner text,
  lease_until timestamptz,
  primary key (consumer_group, topic, kafka_partition),
  check ((owner is null) = (lease_until is null))
) with (fillfactor = 50);

-- The relays that are there, by which shards are shared out evenly.
create table hookline.relays (
  relay text primary key,
  alive_until timestamptz not null
);

alter table hookline.audit_log
  drop constraint audit_log_stage_check,
  drop constraint audit_log_decision_check,
  add column effect_id uuid,
  add constraint audit_log_stage_check check (stage in ('log', 'lane', 'partition', 'operator', 'effect')),
  add constraint audit_log_decision_check check (
    decision in ('processed', 'duplicate', 'ignored', 'parked', 'reset', 'retried', 'dead-lettered', 'held', 'resumed',
                 'refused', 'reread', 'discarded', 'applied', 'released', 'redriven', 'skipped', 'erased', 'sent', 'failed',
                 'ambiguous', 'known'));

-- As before, and of settled_effects, too.
create or replace function hookline.make_ranges() returns setof text
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO'
as $$
declare
  weeks_ahead constant integer := 2;
  this_week constant timestamptz := date_trunc('week', now());
  ranged record;
  week timestamptz;
  name text;
begin
  perform pg_advisory_xact_lock(hashtext('hookline.make_ranges'));
  for ranged in values ('processed_deliveries', '(guid, digest, dedup_scope)'),
                         ('audit_log', null),
                         ('settled_effects', '(effect_id)') loop
    for week in select this_week + n * interval '7 days' from generate_series(0, weeks_ahead) as n loop
      name := ranged.column1 || '_' || to_char(week, 'YYYYMMDD');
      continue when to_regclass('hookline.' || name) is not null;
      execute format('create table hookline.%I (like hookline.%I including defaults including constraints)',
                     name, ranged.column1);
      if ranged.column2 is not null then
        execute format('create unique index %I on hookline.%I %s', name || '_identity', name, ranged.column2);
      end if;
      execute format('alter table hookline.%I attach partition hookline.%I for values from (%L) to (%L)',
                     ranged.column1, name, week, week + interval '7 days');
      return next name;
    end loop;
  end loop;
end $$;

-- As the other roles: it may be there already, or be made by another database's migration at this very moment.
do $$
begin
  if not exists (select from pg_roles where rolname = 'hookline_relay') then
    create role hookline_relay nologin;
  end if;
exception
  when duplicate_object or unique_violation then null;
  when insufficient_privilege then
    raise exception 'role % may not create roles, and hookline_relay is missing. Have an administrator run, once for all '
      'databases of the server: create role hookline_relay nologin', current_user using errcode = '0LP01';
end $$;

grant usage on schema hookline to hookline_relay;

-- Written with the delivery; redriven or discarded by an operator's command.
grant select, insert, update, delete on hookline.outbox to hookline_processor;
grant usage on sequence hookline.outbox_position_seq to hookline_processor;
grant select, insert on hookline.settled_effects to hookline_processor;

-- The relay: shards, attempts, and what became of them.
grant select, update (state, attempts, total_attempts, due_at, attempt_started_at, attempt_ends_at, reason, error), delete
   on hookline.outbox to hookline_relay;
grant select, insert on hookline.settled_effects to hookline_relay;
grant select, insert, update on hookline.outbox_shards to hookline_relay;
grant select, insert, update, delete on hookline.relays to hookline_relay;
grant select (consumer_group, topic, kafka_partition) on hookline.partition_offsets to hookline_relay;
grant insert on hookline.audit_log to hookline_relay;
grant usage on sequence hookline.audit_log_audit_id_seq to hookline_relay;
grant execute on function hookline.make_ranges() to hookline_relay;

grant select on hookline.outbox, hookline.settled_effects, hookline.outbox_shards, hookline.relays to hookline_operator;
