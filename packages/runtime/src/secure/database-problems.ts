import { unusedTls, type ConnectionConfig } from './connection-config.ts';
import { plainDatabaseUrl } from './database-url.ts';

/** What contradicts in the settings of connections to the database. */
export function databaseProblems(config: ConnectionConfig): string[] {
  const { databaseUrl, databaseTls, databasePasswordFile } = config;
  if (databaseUrl === undefined || databaseTls === undefined) return [];
  const read = plainDatabaseUrl(databaseUrl);
  if (!read.success) return [read.reason];
  const problems: string[] = [];
  if (databaseTls && read.tls === false) {
    problems.push('HOOKLINE_DATABASE_TLS is true, and HOOKLINE_DATABASE_URL says sslmode=disable: leave that out.');
  }
  if (!databaseTls && !read.tls) {
    problems.push(...unusedTls(config, 'databaseTls', ['databaseCaFile', 'databaseCertFile', 'databaseKeyFile']));
  }
  if (databasePasswordFile !== undefined && read.hasPassword) {
    problems.push(
      'HOOKLINE_DATABASE_PASSWORD_FILE is set, and HOOKLINE_DATABASE_URL has a password, too: keep one of them.',
    );
  }
  return problems;
}
