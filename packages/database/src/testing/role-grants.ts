import type { Queryable } from '../database.ts';

/** The roles that have rights on our schema, in the order of the documentation. */
export const GRANTED_ROLES = ['hookline_ingest', 'hookline_processor', 'hookline_relay', 'hookline_operator'] as const;

export interface Grant {
  /** A table, sequence or function of the schema; `(schema)`; ranges have the rights of their table. */
  object: string;
  role: string;
  /** `select`, `update (column)`, … */
  privilege: string;
}

/** Every right on anything in our schema that somebody else than its owner has, by the catalogs. */
export async function readGrants(on: Queryable): Promise<Grant[]> {
  const { rows } = await on.query<Grant & Record<string, unknown>>(`
    with granted as (
      select c.relname::text as object, c.relowner as owner, a.grantee, lower(a.privilege_type) as privilege
        from pg_class c cross join lateral aclexplode(c.relacl) a
       where c.relnamespace = 'hookline'::regnamespace
      union all
      select c.relname, c.relowner, a.grantee,
             lower(a.privilege_type) || ' (' || string_agg(att.attname, ', ' order by att.attnum) || ')'
        from pg_class c join pg_attribute att on att.attrelid = c.oid cross join lateral aclexplode(att.attacl) a
       where c.relnamespace = 'hookline'::regnamespace
       group by c.relname, c.relowner, a.grantee, a.privilege_type
      union all
      select p.proname || '()', p.proowner, a.grantee, lower(a.privilege_type)
        from pg_proc p cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
       where p.pronamespace = 'hookline'::regnamespace
      union all
      select '(schema)', n.nspowner, a.grantee, lower(a.privilege_type)
        from pg_namespace n cross join lateral aclexplode(n.nspacl) a where n.nspname = 'hookline'
    )
    select object, case grantee when 0 then 'public' else grantee::regrole::text end as role, privilege
      from granted where grantee <> owner
     order by object, role, array_position(array['select', 'insert', 'update', 'delete'], split_part(privilege, ' ', 1))`);
  return rows;
}

/** Everything that rights can be granted on: tables and sequences (not those of identity columns), functions. */
export async function readObjects(on: Queryable): Promise<string[]> {
  const { rows } = await on.query<{ object: string }>(`
    select relname::text as object
      from pg_class c
     where relnamespace = 'hookline'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S') and not relispartition
       and not (relkind = 'S' and exists (select from pg_depend where objid = c.oid and deptype = 'i'))
    union all
    select proname || '()' from pg_proc where pronamespace = 'hookline'::regnamespace
    union all
    select '(schema)'
     order by object`);
  return rows.map(({ object }) => object);
}

/** The table of the documentation, without its head: a row per object, a cell per role. */
export function grantsTable(objects: readonly string[], grants: readonly Grant[]): string[] {
  return objects.map((object) => {
    const cells = GRANTED_ROLES.map((role) =>
      grants
        .filter((grant) => grant.object === object && grant.role === role)
        .map(({ privilege }) => privilege)
        .join(', '),
    );
    return `| \`${object}\` | ${cells.map((cell) => cell || '–').join(' | ')} |`;
  });
}
