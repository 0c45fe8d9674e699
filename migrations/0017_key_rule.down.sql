-- Undoes: what is recorded of key rules. Topics that are ordered by owner are taken for ordered by repository then.
alter table hookline.topic_generations
  drop column key_rule;
