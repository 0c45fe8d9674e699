-- Undoes: 0010. Which records were running is lost, and only matters after a process died.
drop table hookline.record_starts;
