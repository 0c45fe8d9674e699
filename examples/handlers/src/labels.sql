-- Run once by whoever owns the database; handlers have a role of their own.
create table issue_labels (issue_id bigint, label text, primary key (issue_id, label));
grant select, insert, delete on issue_labels to hookline_handlers;
