-- Why: lists of deliveries are by time, in windows of it, and read whole ranges without an index. Rows are added in the
-- order of time, so that a few bytes for each block of pages are enough.
create index audit_log_by_time on hookline.audit_log using brin (recorded_at) with (autosummarize = on);
