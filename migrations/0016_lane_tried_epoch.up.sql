-- Why: whoever takes a partition over knows nothing of the failures before, so that its breaker is closed while all keys
-- fail. tried_epoch is the epoch of the owner that tried the head last; another owner's first try does not count.
alter table hookline.lanes add column tried_epoch bigint;
