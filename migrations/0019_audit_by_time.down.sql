-- Undoes: the index audit_log_by_time.
drop index hookline.audit_log_by_time;
