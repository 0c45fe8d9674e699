-- Undoes: the column request_number.
alter table hookline.control_commands drop column request_number;
