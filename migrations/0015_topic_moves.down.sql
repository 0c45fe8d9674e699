-- Undoes: the states of topic generations. What a move has moved stays where it is, and can no longer tell where in which
-- log it came from.
drop table hookline.former_logs;

alter table hookline.topic_generations
  drop column state,
  drop column ends,
  drop column moved_by,
  drop column moved_why,
  drop column sealing_at,
  drop column moved_at;
