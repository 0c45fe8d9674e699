-- Why: the rule by which deliveries get their key is part of every key's place, like the number of partitions, and is recorded
-- beside it. Two rules in one topic would give a repository two orders.
alter table hookline.topic_generations
  add column key_rule text not null default 'repository' check (key_rule in ('repository', 'owner'));
