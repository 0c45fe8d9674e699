-- Why: the inbox. A row claims an identity (dedup scope, GUID, digest) in the transaction that runs its handlers;
-- a delivery whose identity has a row is a duplicate. Insert-only, in ranges of the database's clock that are
-- dropped, never deleted from. A unique key over the whole table would have to contain claimed_at; each range has
-- its own instead (made with the range), and the fence serialises whoever could claim the same identity in two.
create table hookline.processed_deliveries (
  guid uuid not null,
  digest bytea not null check (octet_length(digest) = 32),
  dedup_scope text not null,
  event text not null,
  topic text not null,
  kafka_partition integer not null,
  kafka_offset bigint not null,
  claimed_at timestamptz not null default now()
) partition by range (claimed_at);
