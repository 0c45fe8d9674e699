-- Cannot be undone: which commands have been applied is lost, and they would be applied again when the log is read again.
drop table hookline.control_commands;
