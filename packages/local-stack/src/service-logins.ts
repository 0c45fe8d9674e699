import { DATABASE_PASSWORD } from './readiness.ts';
import { withDatabase } from './with-database.ts';

/** A database as each kind of service sees it: with a login that has the rights of its kind, and no others. */
export interface ServiceUrls {
  ingest: string;
  processor: string;
  operator: string;
  relay: string;
}

const KINDS = ['ingest', 'processor', 'operator', 'relay'] as const satisfies (keyof ServiceUrls)[];

const TIMEOUT_MS = 10_000;

/**
 * Makes the logins of a local server, where they are missing. A database of the server must have been migrated: that makes
 * the roles which they get. `url` is a superuser's.
 */
export async function createServiceLogins(url: string): Promise<void> {
  await withDatabase(url, TIMEOUT_MS, async (database) => {
    for (const kind of KINDS) {
      await database.query(
        `do $$ begin
           create role ${loginOf(kind)} login password '${DATABASE_PASSWORD}';
         exception when duplicate_object or unique_violation then null;
         end $$;
         grant hookline_${kind} to ${loginOf(kind)}`,
      );
    }
    await database.query(`grant hookline_handlers to ${loginOf('processor')} with inherit false, set true`);
  });
}

/** Lets handlers of tests write what their test makes in the schema `public`, whenever it does. */
export async function openPublicToHandlers(url: string): Promise<void> {
  await withDatabase(url, TIMEOUT_MS, (database) =>
    database.query(
      `alter default privileges in schema public grant all on tables to hookline_handlers;
       alter default privileges in schema public grant all on sequences to hookline_handlers`,
    ),
  );
}

/** A database of a local server, by the logins that `createServiceLogins` has made on it. */
export function serviceUrls(url: string): ServiceUrls {
  const as = (kind: keyof ServiceUrls) => {
    const changed = new URL(url);
    changed.username = loginOf(kind);
    changed.password = DATABASE_PASSWORD;
    return changed.href;
  };
  return { ingest: as('ingest'), processor: as('processor'), operator: as('operator'), relay: as('relay') };
}

function loginOf(kind: keyof ServiceUrls): string {
  return `local_${kind}`;
}
