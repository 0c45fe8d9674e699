-- Why: a record that waits is decided more than once: when it is read (stage `log`, exactly one row per record: what is
-- below next_offset and has none was skipped), in its lane (stage `lane`), and decisions about a whole partition have no
-- record at all (stage `partition`). What is not a delivery has no columns of one.
alter table hookline.audit_log
  drop constraint audit_log_decision_check,
  add column stage text not null default 'log' check (stage in ('log', 'lane', 'partition')),
  add column incarnation integer not null default 1,
  add column handler text,
  add column attempt integer,
  add column detail text,
  add column actor text,
  add column command_id uuid,
  add constraint audit_log_decision_check check (
    decision in ('processed', 'duplicate', 'ignored', 'parked', 'reset', 'retried', 'dead-lettered', 'held', 'resumed',
                 'refused')),
  alter column ordering_key drop not null,
  alter column source drop not null,
  alter column dedup_scope drop not null,
  alter column guid drop not null,
  alter column digest drop not null,
  alter column event drop not null,
  alter column received_at drop not null;
