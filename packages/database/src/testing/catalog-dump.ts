import type { Queryable } from '../database.ts';

/**
 * Everything of a database's structure that a migration can make, a line each, without oids: read from the catalogs,
 * since pg_dump is not everywhere and differs by version.
 */
export async function catalogDump(on: Queryable): Promise<string[]> {
  const { rows } = await on.query<{ line: string }>(`
    with ours as (
      select oid, nspname from pg_namespace
       where nspname not like 'pg\\_%' and nspname <> 'information_schema'
    )
    select concat('schema ', nspname, ' ', (select nspacl from pg_namespace n where n.oid = ours.oid)) as line from ours
    union all
    select concat_ws(' ', 'relation', nspname, relname, relkind, relpersistence, reloptions, relacl,
                     relrowsecurity, pg_get_partkeydef(c.oid), pg_get_expr(relpartbound, c.oid),
                     case when relkind in ('v', 'm') then pg_get_viewdef(c.oid) end, obj_description(c.oid, 'pg_class'))
      from pg_class c join ours on ours.oid = relnamespace
    union all
    select concat_ws(' ', 'column', nspname, relname, row_number() over (partition by c.oid order by attnum), attname,
                     format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, attstorage, attcollation,
                     pg_get_expr(adbin, adrelid), col_description(c.oid, attnum))
      from pg_attribute join pg_class c on c.oid = attrelid join ours on ours.oid = relnamespace
      left join pg_attrdef on adrelid = attrelid and adnum = attnum
     where attnum > 0 and not attisdropped
    union all
    select concat_ws(' ', 'constraint', nspname, conrelid::regclass, conname, pg_get_constraintdef(c.oid), convalidated)
      from pg_constraint c join ours on ours.oid = connamespace
    union all
    select concat_ws(' ', 'index', schemaname, tablename, indexdef) from pg_indexes join ours on nspname = schemaname
    union all
    select concat_ws(' ', 'sequence', schemaname, sequencename, data_type, start_value, min_value, max_value,
                     increment_by, cycle, cache_size)
      from pg_sequences join ours on nspname = schemaname
    union all
    select concat_ws(' ', 'function', nspname, pg_get_functiondef(p.oid), proacl)
      from pg_proc p join ours on ours.oid = pronamespace where prokind <> 'a'
    union all
    select concat_ws(' ', 'trigger', nspname, pg_get_triggerdef(t.oid))
      from pg_trigger t join pg_class c on c.oid = tgrelid join ours on ours.oid = relnamespace where not tgisinternal
    union all
    select concat_ws(' ', 'type', nspname, typname, typtype, array(select enumlabel from pg_enum
                                                                   where enumtypid = t.oid order by enumsortorder))
      from pg_type t join ours on ours.oid = typnamespace
    union all
    select concat_ws(' ', 'policy', schemaname, tablename, policyname, cmd, qual, with_check)
      from pg_policies join ours on nspname = schemaname
    order by line`);
  return rows.map(({ line }) => line);
}
