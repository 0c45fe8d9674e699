import { HooklineError } from '@hookline/runtime';
import type { Queryable } from '../database.ts';

/**
 * Whether the role that we log in with may take on the one that users' handlers run under.
 *
 * @throws {HooklineError} DATABASE_MISMATCH, with the statement that puts it right, where it may not
 */
export async function checkHandlersRole(db: Queryable, role: string): Promise<void> {
  // Membership alone lets a role be taken on up to PostgreSQL 15; later it can be granted without that.
  const { rows } = await db.query<{ may: boolean; login: string }>(
    `select session_user as login,
            exists (select from pg_roles where rolname = $1)
            and pg_has_role(session_user, (select oid from pg_roles where rolname = $1),
                            case when current_setting('server_version_num')::integer < 160000 then 'member' else 'set' end)
            as may`,
    [role],
  );
  const [row] = rows;
  if (!row?.may) throw missingRole(role, undefined, row?.login);
}

/** What an operator is told. Without a cause: a refusal of the server is taken for a handler's, and this is none. */
export function missingRole(role: string, refusal?: unknown, login = '<login of the processor>'): HooklineError {
  const why = refusal instanceof Error ? ` (${refusal.message})` : '';
  return new HooklineError(
    'DATABASE_MISMATCH',
    `Handlers run under the database role ${role}, which the processor may not take on${why}. ` +
      `Run as an administrator: grant ${role} to ${login}; HOOKLINE_HANDLERS_ROLE names another one.`,
  );
}
