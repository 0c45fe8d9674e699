import { escapeIdentifier, Client } from 'pg';

/** Resolves when the server at `url` runs a query; rejects with the reason when it does not within the time. */
export async function pingDatabase(url: string, timeoutMs: number): Promise<void> {
  await withClient(url, timeoutMs, (client) => client.query('select 1'));
}

/**
 * Creates a database, optionally as a copy of another, to which nobody may be connected meanwhile. `url` is a
 * superuser's; resolves to the new database's URL for the same user.
 */
export async function createDatabaseAt(url: string, name: string, template = 'template1'): Promise<string> {
  await withClient(url, ADMIN_TIMEOUT_MS, (client) =>
    client.query(`create database ${escapeIdentifier(name)} template ${escapeIdentifier(template)}`),
  );
  const created = new URL(url);
  created.pathname = `/${encodeURIComponent(name)}`;
  return created.href;
}

/** Drops a database if it exists, and ends the sessions that are still in it. */
export async function dropDatabaseAt(url: string, name: string): Promise<void> {
  await withClient(url, ADMIN_TIMEOUT_MS, (client) =>
    client.query(`drop database if exists ${escapeIdentifier(name)} with (force)`),
  );
}

const ADMIN_TIMEOUT_MS = 60_000;

async function withClient(url: string, timeoutMs: number, run: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: 'hookline-admin',
  });
  // A connection that the server ends after the query emits 'error': without a listener that ends the process.
  client.on('error', () => {});
  await client.connect();
  try {
    await run(client);
  } finally {
    await client.end();
  }
}
