import { HooklineError, plainDatabaseUrl, readSecretFile, readTls } from '@hookline/runtime';
import type { ClientConfig } from 'pg';
import type { DatabaseConnection } from './database-connection.ts';

/**
 * What node-postgres needs for one connection, with what the files hold now. TLS is never left to its defaults, nor to
 * variables of libpq: by them it would be off, or without a check.
 *
 * @throws {HooklineError} DATABASE_UNAVAILABLE where a file cannot be used, or its URL says what is not allowed
 */
export function clientConfig(connection: DatabaseConnection): ClientConfig {
  try {
    return readConfig(connection);
  } catch (cause) {
    throw new HooklineError('DATABASE_UNAVAILABLE', `The database cannot be used: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

function readConfig({ url, urlFile, passwordFile, tls }: DatabaseConnection): ClientConfig {
  const read = plainDatabaseUrl(urlFile === undefined ? url : readUrl(urlFile));
  if (!read.success) throw new Error(read.reason);
  return {
    connectionString: passwordFile === undefined ? read.url : withPassword(read.url, readSecretFile(passwordFile)),
    ssl: tls || read.tls ? { ...readTls(tls ?? {}), rejectUnauthorized: true } : false,
  };
}

function readUrl(file: string): string {
  const text = readSecretFile(file);
  if (!URL.canParse(text)) throw new Error(`${file} does not hold a URL`);
  return text;
}

/** As a parameter, where it has no encoding of its own, and wins. */
function withPassword(url: string, password: string): string {
  const changed = new URL(url);
  changed.searchParams.set('password', password);
  return changed.href;
}
