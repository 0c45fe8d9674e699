-- Undoes: the grants, in this database. The roles stay, since other databases of the server may use them, and logins are
-- members of them; so does the schema hookline_handlers, with the handlers' rights on it, unless it is empty.
drop function hookline.make_ranges();

revoke all
   on hookline.audit_log, hookline.control_commands, hookline.dead_deliveries, hookline.dead_letters,
      hookline.held_deliveries, hookline.hookline_migrations, hookline.hookline_migrations_lock, hookline.lane_deliveries,
      hookline.lanes, hookline.partition_commands, hookline.partition_halts, hookline.partition_offsets,
      hookline.processed_deliveries, hookline.record_starts, hookline.repository_activity, hookline.topic_generations
 from hookline_ingest, hookline_processor, hookline_operator;
revoke all on sequence hookline.audit_log_audit_id_seq from hookline_processor;
revoke all on schema hookline from hookline_ingest, hookline_processor, hookline_operator;

do $$
begin
  drop schema hookline_handlers;
exception
  when dependent_objects_still_exist or insufficient_privilege then null;
end $$;
