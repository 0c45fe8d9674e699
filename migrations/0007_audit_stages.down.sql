-- Cannot be undone: every row that the older release cannot hold is lost, all but `processed`, `duplicate`, `ignored`.
delete from hookline.audit_log
 where stage <> 'log' or decision not in ('processed', 'duplicate', 'ignored');
alter table hookline.audit_log
  drop constraint audit_log_decision_check,
  drop column command_id,
  drop column actor,
  drop column detail,
  drop column attempt,
  drop column handler,
  drop column incarnation,
  drop column stage,
  add constraint audit_log_decision_check check (decision in ('processed', 'duplicate', 'ignored')),
  alter column ordering_key set not null,
  alter column source set not null,
  alter column dedup_scope set not null,
  alter column guid set not null,
  alter column digest set not null,
  alter column event set not null,
  alter column received_at set not null;
