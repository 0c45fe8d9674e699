-- Why: commands that are written for a partition that does not read are applied in the order in which they were written,
-- and those of one call have the same time.
alter table hookline.control_commands add column request_number bigint generated always as identity;
