import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HooklineError } from '@hookline/runtime';
import type { Knex } from 'knex';
import type { Client } from 'pg';
import { clientConfig } from './connection/client-config.ts';
import { connectFailure } from './connection/connect-failure.ts';
import type { DatabaseConnection } from './connection/database-connection.ts';

const DIRECTORY = fileURLToPath(new URL('../../../migrations', import.meta.url));

const CONNECT_TIMEOUT_MS = 10_000;

export interface MigrateOptions {
  /** Where the pairs of SQL files are; default: this release's migrations. */
  directory?: string;
}

export interface MigrationStatus {
  applied: string[];
  pending: string[];
}

/** Where all of ours is, knex's bookkeeping too: in no schema that happens to come first in a role's search_path. */
const SCHEMA = 'hookline';
const BOOKKEEPING = 'hookline_migrations';

/** What knex says of a run: the number of the batch, and the migrations in it. */
type Batch = [number: number, names: string[]];

/**
 * Applies every pending migration in one transaction; returns the names. Two at once: the second waits, finds none.
 * Makes the schema first, where it is missing; with one that the role owns it needs no right to create schemas. Where a
 * later release has migrated the database already it changes nothing: this one runs on that schema, too.
 *
 * @throws {HooklineError} MIGRATION_FAILED, also where the role lacks a right
 */
export function migrateUp(at: string | DatabaseConnection, options: MigrateOptions = {}): Promise<string[]> {
  return alone(at, options, async (tx, directory) => {
    if (await isAhead(tx, directory)) return [];
    const [, applied] = (await tx.migrate.latest()) as Batch;
    return applied;
  });
}

/**
 * Undoes the last migration, or all of them, in one transaction; returns the names, last first. What down cannot bring
 * back is said in each file's header. The schema stays, with knex's empty bookkeeping: who made it may be another role,
 * without which it could not be made again.
 *
 * @throws {HooklineError} MIGRATION_FAILED, also where the role lacks a right
 */
export function migrateDown(
  at: string | DatabaseConnection,
  options: MigrateOptions & { all?: boolean } = {},
): Promise<string[]> {
  return alone(at, options, async (tx) => {
    const undone: string[] = [];
    for (;;) {
      const [, names] = (await tx.migrate.down()) as Batch;
      undone.push(...names);
      if (!options.all || names.length === 0) return undone;
    }
  });
}

/**
 * What has been applied and what has not, by name, in order. Only reads: a role needs no more than `usage` on the
 * schema and `select` on the bookkeeping.
 *
 * @throws {HooklineError} DATABASE_MISMATCH where the role lacks one of these
 */
export function migrationStatus(
  at: string | DatabaseConnection,
  { directory = DIRECTORY }: MigrateOptions = {},
): Promise<MigrationStatus> {
  return connected(at, directory, async (connection) => {
    const applied = await appliedNames(connection).catch((cause: unknown) => {
      throw isRefusal(cause) ? unreadable(cause) : cause;
    });
    const names = await migrationNames(directory);
    return { applied, pending: names.filter((name) => !applied.includes(name)) };
  });
}

async function appliedNames(connection: Knex): Promise<string[]> {
  const table = `${SCHEMA}.${BOOKKEEPING}`;
  const found: { rows: { found: boolean }[] } = await connection.raw('select to_regclass(?) is not null as found', [
    table,
  ]);
  if (!found.rows[0]?.found) return [];
  const { rows }: { rows: { name: string }[] } = await connection.raw(`select name from ${table} order by id`);
  return rows.map(({ name }) => name);
}

/**
 * Runs alone among all migrators of the database, in one transaction: the migrations, knex's bookkeeping and its lock
 * row commit together or not at all, and the lock that we wait for goes with the transaction. A migrator that is
 * killed leaves nothing behind. By itself knex commits its lock row first, which then needs a human, and undoes a
 * migration and its record in two transactions.
 */
function alone<T>(
  at: string | DatabaseConnection,
  { directory = DIRECTORY }: MigrateOptions,
  work: (tx: Knex.Transaction, directory: string) => Promise<T>,
): Promise<T> {
  return connected(at, directory, (connection) => {
    const run = connection.transaction(async (tx) => {
      // Has the server notice within a second that a migrator was killed, also while it waits for a lock.
      await tx.raw('set local client_connection_check_interval = 1000');
      await tx.raw(`select pg_advisory_xact_lock(hashtext('hookline.migrate'))`);
      await ensureSchema(tx);
      return work(tx, directory);
    });
    return run.catch((cause: unknown) => {
      throw isRefusal(cause) ? forbidden(cause) : cause;
    });
  });
}

/** Whether all of ours are applied, and then others. Without one of ours it is no later release's, but somebody else's. */
async function isAhead(tx: Knex.Transaction, directory: string): Promise<boolean> {
  const applied = await appliedNames(tx);
  const ours = await migrationNames(directory);
  return applied.length > ours.length && ours.every((name, i) => applied[i] === name);
}

/** Not by `if not exists`, for which the server wants the right to create it also where it is there. */
async function ensureSchema(tx: Knex.Transaction): Promise<void> {
  const { rowCount }: { rowCount: number } = await tx.raw('select from pg_namespace where nspname = ?', [SCHEMA]);
  if (rowCount === 0) await tx.raw(`create schema ${SCHEMA}`);
}

async function connected<T>(
  at: string | DatabaseConnection,
  directory: string,
  work: (connection: Knex) => Promise<T>,
): Promise<T> {
  // Only here: services never migrate, and should not pay for it with memory.
  const { default: knex } = await import('knex');
  const connection = knex({
    client: 'pg',
    connection: () => ({
      ...(clientConfig(typeof at === 'string' ? { url: at } : at) as Knex.PgConnectionConfig),
      application_name: 'hookline migrate',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    }),
    pool: { min: 0, max: 1 },
    migrations: { schemaName: SCHEMA, tableName: BOOKKEEPING, migrationSource: migrationSource(directory) },
    // It only repeats what is thrown.
    log: { warn: () => {} },
  });
  try {
    return await work(connection);
  } catch (error) {
    throw isRefusal(error) ? error : connectFailure(error as Error);
  } finally {
    await connection.destroy();
  }
}

/** The server's word for a right that the role does not have, given by knex or inside of our own error. */
function isRefusal(error: unknown): error is Error {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return code === '42501' || cause?.code === '42501';
}

function forbidden(cause: Error): HooklineError {
  return new HooklineError(
    'MIGRATION_FAILED',
    `${cause instanceof HooklineError ? cause.message : `The database's role may not migrate it: ${serverWords(cause)}.`} ` +
      `Migrate with a role that has CREATE on the database, or that owns the schema ${SCHEMA} and what is in it: ` +
      `create schema ${SCHEMA} authorization <role>.`,
    { cause },
  );
}

function unreadable(cause: Error): HooklineError {
  return new HooklineError(
    'DATABASE_MISMATCH',
    `The database's role may not see what has been migrated: ${serverWords(cause)}. ` +
      `Grant it USAGE on the schema ${SCHEMA} and SELECT on ${SCHEMA}.${BOOKKEEPING}, or use the role that migrates.`,
    { cause },
  );
}

/** knex puts its statement before what the server said. */
function serverWords({ message }: Error): string {
  return message.replace(/^.* - /s, '');
}

interface Migration {
  name: string;
}

/** Pairs of `NNNN_name.up.sql` and `NNNN_name.down.sql`. */
function migrationSource(directory: string): Knex.MigrationSource<Migration> {
  return {
    getMigrations: async () => (await migrationNames(directory)).map((name) => ({ name })),
    getMigrationName: ({ name }) => name,
    async getMigration({ name }) {
      const [up, down] = await Promise.all(
        ['up', 'down'].map((way) => readFile(join(directory, `${name}.${way}.sql`), 'utf8')),
      );
      return { up: (on) => run(on, name, up as string), down: (on) => run(on, name, down as string) };
    },
  };
}

/** In the order of their numbers. */
async function migrationNames(directory: string): Promise<string[]> {
  const files = await readdir(directory);
  return files
    .filter((file) => file.endsWith('.up.sql'))
    .map((file) => file.slice(0, -'.up.sql'.length))
    .toSorted((a, b) => a.localeCompare(b));
}

/** Not by `on.raw`, which takes question marks for places of values, and puts the whole file into an error's message. */
async function run(on: Knex, name: string, sql: string): Promise<void> {
  const client = (await (on.client as Knex.Client).acquireConnection()) as Client;
  try {
    await client.query(sql);
  } catch (cause) {
    throw new HooklineError(
      'MIGRATION_FAILED',
      `Migration ${name} failed, and nothing has changed: ${(cause as Error).message}.`,
      { cause },
    );
  }
}
