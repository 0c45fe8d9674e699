-- Why: deliveries are handled in the order in which they arrived, and GitHub does not send them in the order of what they
-- tell. A handler that needs that order asks whether it has seen a later time of the same subject; this is what it has seen.
-- subject: a hash of what names it, so that rows are small and hold nobody's text. noted_on: a day, not a time, so that most
-- updates change no index.
create table hookline.subject_times (
  handler text not null,
  subject bytea not null check (octet_length(subject) = 32),
  at timestamptz not null,
  noted_on date not null default current_date,
  primary key (handler, subject)
) with (fillfactor = 70);

create index subject_times_by_day on hookline.subject_times (noted_on);

grant select, insert, update on hookline.subject_times to hookline_processor;
grant select on hookline.subject_times to hookline_operator;
