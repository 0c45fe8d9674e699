import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import knex, { type Knex } from 'knex';
import { createDatabase } from './database.ts';
import { commit, transaction } from './transaction.ts';

const DIRECTORY = fileURLToPath(new URL('../../../migrations', import.meta.url));

export interface MigrationStatus {
  applied: string[];
  pending: string[];
}

/** Applies every pending migration in one transaction; returns the names. Two at once: the second waits, finds none. */
export function migrateUp(url: string): Promise<string[]> {
  return alone(url, async (migrator) => {
    const [, applied] = await migrator.latest();
    return applied as string[];
  });
}

/**
 * Undoes the last migration, or all of them; returns the names, last first. What down cannot bring back is said in
 * each file's header.
 */
export function migrateDown(url: string, options: { all?: boolean } = {}): Promise<string[]> {
  return alone(url, async (migrator) => {
    const undone: string[] = [];
    for (;;) {
      const [, names] = await migrator.down();
      undone.push(...(names as string[]));
      if (!options.all || names.length === 0) return undone;
    }
  });
}

/** What has been applied and what has not, by name, in order. Changes nothing but knex's own bookkeeping tables. */
export function migrationStatus(url: string): Promise<MigrationStatus> {
  return alone(url, async (migrator) => {
    const [applied, pending] = (await migrator.list()) as [{ name: string }[], Migration[]];
    return { applied: applied.map(({ name }) => name), pending: pending.map(({ name }) => name) };
  });
}

/**
 * Runs alone among all migrators of the database, by a lock that PostgreSQL takes back when its holder dies. knex's
 * own lock row outlives a killed migrator and then needs a human; under ours nobody else can hold it, so it is freed.
 */
async function alone<T>(url: string, work: (migrator: Knex.Migrator) => Promise<T>): Promise<T> {
  const database = createDatabase({
    url,
    poolSize: 1,
    applicationName: 'hookline migrate',
    queryTimeoutMs: 10 * 60_000,
    connectTimeoutMs: 10_000,
    onConnectionError: () => {},
  });
  try {
    return await transaction(database, {}, async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(hashtext('hookline.migrate'))`);
      return commit(await withMigrator(url, work));
    });
  } finally {
    await database.close();
  }
}

async function withMigrator<T>(url: string, work: (migrator: Knex.Migrator) => Promise<T>): Promise<T> {
  const connection = knex({
    client: 'pg',
    connection: { connectionString: url, application_name: 'hookline migrate' },
    pool: { min: 0, max: 2 },
    migrations: { tableName: 'hookline_migrations', migrationSource },
  });
  try {
    await connection.migrate.forceFreeMigrationsLock();
    return await work(connection.migrate);
  } finally {
    await connection.destroy();
  }
}

interface Migration {
  name: string;
}

/** Pairs of `NNNN_name.up.sql` and `NNNN_name.down.sql`, in the order of their numbers. */
const migrationSource: Knex.MigrationSource<Migration> = {
  async getMigrations() {
    const files = await readdir(DIRECTORY);
    return files
      .filter((file) => file.endsWith('.up.sql'))
      .map((file) => ({ name: file.slice(0, -'.up.sql'.length) }))
      .toSorted((a, b) => a.name.localeCompare(b.name));
  },
  getMigrationName: ({ name }) => name,
  async getMigration({ name }) {
    const [up, down] = await Promise.all(
      ['up', 'down'].map((way) => readFile(`${DIRECTORY}/${name}.${way}.sql`, 'utf8')),
    );
    return { up: (on) => on.raw(up as string), down: (on) => on.raw(down as string) };
  },
};

