-- Cannot be undone: the projection is gone; only a log that still holds every delivery could make it again.
drop table hookline.repository_activity;
