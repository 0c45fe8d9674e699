-- Cannot be undone: the halts, the decisions about them, and which log an offset is of are lost.
drop table hookline.partition_commands;
drop table hookline.partition_halts;
alter table hookline.processed_deliveries drop column incarnation;
alter table hookline.partition_offsets
  drop column dirty,
  drop column accepted_committed,
  drop column incarnation;
