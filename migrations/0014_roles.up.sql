-- Why: what a service may do is granted to a role of its kind, and nothing else is: nobody but the owner can change or remove
-- a row of the audit or a claim, and users' handlers see none of our tables. What is old is dropped by the owner, too. The
-- roles have no login: an operator grants them to the ones that have. Roles belong to the whole cluster, so that they may be
-- there already, made by an administrator, or be made by another database's migration at this very moment.
do $$
declare
  wanted constant text[] := array['hookline_ingest', 'hookline_processor', 'hookline_handlers', 'hookline_operator',
                                'hookline_relay'];
  missing text[];
  refused text[] := '{}';
  name text;
begin
  select array_agg(role order by role) into missing
    from unnest(wanted) as role
   where not exists (select from pg_roles where rolname = role);
  foreach name in array coalesce(missing, '{}') loop
    begin
      execute format('create role %I nologin', name);
    exception
      when duplicate_object or unique_violation then null;
      when insufficient_privilege then refused := refused || name;
    end;
  end loop;
  if refused <> '{}' then
    -- Not by the code of a missing right: that one is explained as if it were about the schema.
    raise exception 'role % may not create roles, and these are missing. Have an administrator run, once for all databases of '
      'the server: %', current_user, (select string_agg(format('create role %I nologin', role), '; ') from unnest(refused) role)
      using errcode = '0LP01';
  end if;
end $$;

-- Schema of users' tables, which is first in the search_path of their handlers.
do $$
begin
  if not exists (select from pg_namespace where nspname = 'hookline_handlers') then
    if not has_database_privilege(current_database(), 'create') then
      raise exception 'role % may not create schemas, and hookline_handlers is missing. Have an administrator run: '
        'create schema hookline_handlers authorization %', current_user, quote_ident(current_user) using errcode = '0LP01';
    end if;
    create schema hookline_handlers;
  end if;
  if not has_schema_privilege('hookline_handlers', 'hookline_handlers', 'usage') then
    grant usage, create on schema hookline_handlers to hookline_handlers;
  end if;
exception
  when insufficient_privilege then
    raise exception 'the schema hookline_handlers is another role''s. Have that one run: grant usage, create on schema '
      'hookline_handlers to hookline_handlers' using errcode = '0LP01';
end $$;

-- Ranges are made by whoever runs; only the owner of a table can attach them. Weeks begin on Monday, UTC. A range is made
-- beside its table and then attached: `create table ... partition of` would lock the table exclusively, and queue every
-- slice behind the slowest one. It takes no name from its caller.
create function hookline.make_ranges() returns setof text
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
  for ranged in values ('processed_deliveries', '(guid, digest, dedup_scope)'), ('audit_log', null) loop
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

revoke execute on function hookline.make_ranges() from public;
grant execute on function hookline.make_ranges() to hookline_processor;

grant usage on schema hookline to hookline_ingest, hookline_processor, hookline_operator;

-- The door's look-up: what is known of an identity, and no body.
grant select (guid, digest, dedup_scope, event, outcome) on hookline.processed_deliveries to hookline_ingest;
grant select (guid, digest, dedup_scope, event) on hookline.lane_deliveries to hookline_ingest;
grant select (consumer_group, topic, kafka_partition, incarnation, kafka_offset, guid, digest, dedup_scope, event)
   on hookline.dead_deliveries to hookline_ingest;
grant select (consumer_group, topic, kafka_partition, incarnation, kafka_offset, state)
   on hookline.dead_letters to hookline_ingest;

-- The one transaction, lanes, halts. What is append-only can be added to.
grant insert on hookline.audit_log to hookline_processor;
grant usage on sequence hookline.audit_log_audit_id_seq to hookline_processor;
grant select, insert on hookline.processed_deliveries to hookline_processor;
grant select, update (consumer_group) on hookline.topic_generations to hookline_processor;
grant select, insert, update on hookline.partition_offsets to hookline_processor;
grant select, insert, update on hookline.repository_activity to hookline_processor;
grant select, insert, update, delete on hookline.partition_halts to hookline_processor;
grant select, update (outcome, outcome_detail, settled_at) on hookline.partition_commands to hookline_processor;
grant select, insert, update (outcome, outcome_detail, settled_at, incarnation, kafka_offset)
   on hookline.control_commands to hookline_processor;
grant select, insert, update, delete on hookline.lanes to hookline_processor;
grant select, insert, update, delete on hookline.lane_deliveries to hookline_processor;
grant select, insert, update, delete on hookline.held_deliveries to hookline_processor;
grant select, insert, update on hookline.dead_deliveries to hookline_processor;
grant select, insert, update on hookline.dead_letters to hookline_processor;
grant select, insert, update, delete on hookline.record_starts to hookline_processor;

-- The operator's tool: it reads, and asks the owners of partitions, who alone say what became of it.
grant select
   on hookline.audit_log, hookline.control_commands, hookline.dead_deliveries, hookline.dead_letters,
      hookline.held_deliveries, hookline.hookline_migrations, hookline.hookline_migrations_lock, hookline.lane_deliveries,
      hookline.lanes, hookline.partition_commands, hookline.partition_halts, hookline.partition_offsets,
      hookline.processed_deliveries, hookline.record_starts, hookline.repository_activity, hookline.topic_generations
   to hookline_operator;
grant insert on hookline.topic_generations to hookline_operator;
grant insert (command_id, consumer_group, topic, kafka_partition, command, target, actor, why, via)
   on hookline.control_commands to hookline_operator;
grant insert (command_id, consumer_group, topic, kafka_partition, command, resume_from, resume_offset, decided_reason,
              decided_next_offset, actor, why)
   on hookline.partition_commands to hookline_operator;
