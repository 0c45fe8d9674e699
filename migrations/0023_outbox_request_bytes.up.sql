-- Why: a relay must know what an effect takes of memory before it reads it. The stored size does not tell: a request of one
-- megabyte that repeats itself is kept in a hundredth of that.
alter table hookline.outbox
  add column request_bytes integer not null generated always as (octet_length(request::text)) stored;
