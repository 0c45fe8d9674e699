-- Run once by whoever owns the database; handlers have a role of their own.
create table board (issue_id bigint primary key, title text not null, state text not null);
grant select, insert, update on board to hookline_handlers;
