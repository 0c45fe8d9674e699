-- Cannot be undone: the recorded partition counts are gone; `hookline topics create` records them anew from Kafka.
drop table hookline.topic_generations;
drop schema hookline;
