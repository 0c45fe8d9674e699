import type { ConfigOf } from '../options/option.ts';
import { databaseSecurityOptions, kafkaSecurityOptions, registrySecurityOptions } from '../options/secure-options.ts';

type Kafka = ConfigOf<typeof kafkaSecurityOptions> & { kafkaBrokers: string[] | undefined };
type Registry = ConfigOf<typeof registrySecurityOptions> & { registryUrl: string | undefined };
type Database = ConfigOf<typeof databaseSecurityOptions> & { databaseUrl: string | undefined };

/** Settings of connections; what a program does not have, or what is wrong by itself, is absent. */
export type ConnectionConfig = Partial<Kafka & Registry & Database>;

const ENV: Record<string, { env: string }> = {
  ...kafkaSecurityOptions,
  ...registrySecurityOptions,
  ...databaseSecurityOptions,
};
/** The variable of a setting. */
export const env = (name: keyof ConnectionConfig): string => ENV[name]?.env ?? name;

/** Settings of TLS without TLS: what is set must not be left out quietly. */
export function unusedTls(
  config: ConnectionConfig,
  tls: 'kafkaTls' | 'databaseTls',
  names: (keyof ConnectionConfig)[],
): string[] {
  return names
    .filter((name) => config[name] !== undefined)
    .map(
      (name) => `${env(name)} is set, and ${env(tls)} is not true: nothing would be encrypted. Set ${env(tls)}=true.`,
    );
}
