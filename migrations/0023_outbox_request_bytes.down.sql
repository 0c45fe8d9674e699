-- Undoes: the size of requests, which is computed of them.
alter table hookline.outbox drop column request_bytes;
