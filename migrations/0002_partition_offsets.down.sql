-- Cannot be undone: without the offsets the log is read from its start again. With processed_deliveries kept,
-- everything in it is then a duplicate.
drop table hookline.partition_offsets;
