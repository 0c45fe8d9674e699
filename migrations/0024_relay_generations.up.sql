-- Why: a relay leaves the shards of a topic whose generation has moved, and appends jobs to the next generation of their
-- topic when the one that it knows has ended.
grant select on hookline.topic_generations to hookline_relay;
