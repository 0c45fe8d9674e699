import type { TlsFiles } from '@hookline/runtime';

/** Where the registry is, and how it is spoken to. Files are read again at each request, so that they can be replaced. */
export interface RegistryConnection {
  /** Base of the Confluent API; of Apicurio: `http://host:port/apis/ccompat/v7`. */
  url: string;
  /** Of an https URL, whose certificate and host name are always checked. */
  tls?: TlsFiles | undefined;
  /** Absent: we do not say who we are. */
  auth?: RegistryAuth | undefined;
}

export type RegistryAuth = { username: string; passwordFile: string } | { tokenFile: string };

/** The settings of a connection to the registry, as the option table names them; they do not contradict. */
export interface RegistryConnectionSettings {
  registryUrl: string;
  registryCaFile?: string | undefined;
  registryCertFile?: string | undefined;
  registryKeyFile?: string | undefined;
  registryUsername?: string | undefined;
  registryPasswordFile?: string | undefined;
  registryTokenFile?: string | undefined;
}

/** The connection that these settings describe. */
export function registryConnection(settings: RegistryConnectionSettings): RegistryConnection {
  const { registryCaFile: caFile, registryCertFile: certFile, registryKeyFile: keyFile } = settings;
  const { registryUsername: username, registryPasswordFile: passwordFile, registryTokenFile: tokenFile } = settings;
  const user = username !== undefined && passwordFile !== undefined ? { username, passwordFile } : undefined;
  return {
    url: settings.registryUrl,
    tls: { caFile, certFile, keyFile },
    auth: tokenFile === undefined ? user : { tokenFile },
  };
}
