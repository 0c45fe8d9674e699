-- Cannot be undone: which dead deliveries were erased is lost; what was erased is gone either way.
alter table hookline.dead_deliveries drop column erased_at;
