-- Cannot be undone: the record of past decisions is gone.
drop table hookline.audit_log;
drop sequence hookline.audit_log_audit_id_seq;
