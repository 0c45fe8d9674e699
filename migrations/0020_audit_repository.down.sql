-- Undoes: the column repository_id of the audit. What it said of topics that are ordered by owner is lost.
alter table hookline.audit_log drop column repository_id;
