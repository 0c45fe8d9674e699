import type { TlsFiles } from '@hookline/runtime';

/** Where a database is, and how it is spoken to. Files are read again at each connect, so that they can be replaced. */
export interface DatabaseConnection {
  url: string;
  /** The file that `url` was read from. */
  urlFile?: string | undefined;
  /** Holds the password, where the URL has none. */
  passwordFile?: string | undefined;
  /** TLS, with certificate and host name checked, by the authorities of these files. Absent: as `sslmode` of the URL says. */
  tls?: TlsFiles | undefined;
}

/** The settings of a connection to the database, as the option table names them. */
export interface DatabaseSettings {
  databaseUrl: string;
  databaseUrlFile?: string | undefined;
  databasePasswordFile?: string | undefined;
  databaseTls?: boolean;
  databaseCaFile?: string | undefined;
  databaseCertFile?: string | undefined;
  databaseKeyFile?: string | undefined;
}

/** The connection that these settings describe. */
export function databaseConnection(settings: DatabaseSettings): DatabaseConnection {
  const { databaseCaFile: caFile, databaseCertFile: certFile, databaseKeyFile: keyFile } = settings;
  // By `sslmode=verify-full` TLS needs no setting, and has its files all the same.
  const isTls =
    settings.databaseTls === true || new URL(settings.databaseUrl).searchParams.has('sslmode', 'verify-full');
  return {
    url: settings.databaseUrl,
    urlFile: settings.databaseUrlFile,
    passwordFile: settings.databasePasswordFile,
    tls: isTls ? { caFile, certFile, keyFile } : undefined,
  };
}
