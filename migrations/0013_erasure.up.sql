-- Why: what was erased on demand keeps its identity, so that it stays known, and has no body any more: it can never be
-- run again, and is not to be taken for a record without a value.
alter table hookline.dead_deliveries
  add column erased_at timestamptz,
  add check (erased_at is null or (body is null and headers is null and record_key is null));
