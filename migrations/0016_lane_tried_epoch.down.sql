-- Undoes: the column tried_epoch.
alter table hookline.lanes drop column tried_epoch;
