-- Cannot be undone: the recorded partition counts are gone; `hookline topics create` records them anew from Kafka.
-- The schema stays, with the migrator's bookkeeping in it.
drop table hookline.topic_generations;
