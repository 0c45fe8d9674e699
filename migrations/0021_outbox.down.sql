-- Cannot be undone: effects that were not sent, and which were. The role stays, since other databases of the server may use it.
revoke all on hookline.audit_log, hookline.partition_offsets from hookline_relay;
revoke all on sequence hookline.audit_log_audit_id_seq from hookline_relay;
revoke execute on function hookline.make_ranges() from hookline_relay;
revoke all on schema hookline from hookline_relay;

drop table hookline.relays;
drop table hookline.outbox_shards;
drop table hookline.settled_effects;
drop table hookline.outbox;
drop sequence hookline.outbox_position_seq;

delete from hookline.audit_log where stage = 'effect';
alter table hookline.audit_log
  drop constraint audit_log_stage_check,
  drop constraint audit_log_decision_check,
  drop column effect_id,
  add constraint audit_log_stage_check check (stage in ('log', 'lane', 'partition', 'operator')),
  add constraint audit_log_decision_check check (
    decision in ('processed', 'duplicate', 'ignored', 'parked', 'reset', 'retried', 'dead-lettered', 'held', 'resumed',
                 'refused', 'reread', 'discarded', 'applied', 'released', 'redriven', 'skipped', 'erased'));

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
