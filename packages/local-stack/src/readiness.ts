import { describeBrokers } from './kafka-metadata.ts';
import { withDatabase } from './with-database.ts';

const TIMEOUT_MS = 1000;

/**
 * Questions that a server can only answer when it serves; each is false or throws when it does not yet. With `identity`
 * also when it is another than ours: while ours still starts, somebody else's may answer on a port that it then misses.
 */
export async function kafkaAnswers(port: number, brokers: number, identity?: string): Promise<boolean> {
  const { count, clusterId } = await describeBrokers('127.0.0.1', port, TIMEOUT_MS);
  return count >= brokers && isOurs(clusterId, identity);
}

/** Response header in which a registry says whose it is. */
export const REGISTRY_IDENTITY = 'hookline-stack';

export async function registryAnswers(port: number, identity?: string): Promise<boolean> {
  const response = await fetch(`${registryUrl(port)}/subjects`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const answers = response.ok && Array.isArray(await response.json());
  return answers && isOurs(response.headers.get(REGISTRY_IDENTITY), identity);
}

/** PostgreSQL says whose it is by its setting `cluster_name`. */
export async function postgresAnswers(port: number, identity?: string): Promise<boolean> {
  return withDatabase(databaseUrl(port), TIMEOUT_MS, async (database) => {
    const { rows } = await database.query<{ name: string }>(`select current_setting('cluster_name') as name`);
    return isOurs(rows[0]?.name, identity);
  });
}

function isOurs(said: string | null | undefined, identity: string | undefined): boolean {
  return identity === undefined || said === identity;
}

export function registryUrl(port: number): string {
  return `http://127.0.0.1:${port}/apis/ccompat/v7`;
}

/** Of a database that only this machine reaches: the password keeps mistakes apart, not people. */
export const DATABASE_USER = 'postgres';
export const DATABASE_PASSWORD = 'hookline';

export function databaseUrl(port: number): string {
  return `postgres://${DATABASE_USER}:${DATABASE_PASSWORD}@127.0.0.1:${port}/postgres`;
}
