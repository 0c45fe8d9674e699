-- Run once by whoever owns the database; handlers have a role of their own.
create table stars (repository_id bigint primary key, name text not null, stars bigint not null);
grant select, insert, update on stars to hookline_handlers;
