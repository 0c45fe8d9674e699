import { env, type ConnectionConfig } from './connection-config.ts';
import { databaseProblems } from './database-problems.ts';
import { kafkaProblems } from './kafka-problems.ts';
import { readSecretFile, readTls } from './read-files.ts';
import { registryProblems } from './registry-problems.ts';

/**
 * What is wrong with how connections are to be secured, all at once: settings that contradict, files that cannot be used.
 * One sentence each, with what to do. Nothing is ever left out quietly: what is set is in force, or is named here.
 */
export function connectionProblems(config: ConnectionConfig): string[] {
  return [
    ...kafkaProblems(config),
    ...registryProblems(config),
    ...databaseProblems(config),
    ...pairProblems(config),
    ...fileProblems(config),
  ];
}

const PAIRS = [
  ['kafkaCertFile', 'kafkaKeyFile'],
  ['registryCertFile', 'registryKeyFile'],
  ['databaseCertFile', 'databaseKeyFile'],
] as const;

function pairProblems(config: ConnectionConfig): string[] {
  return PAIRS.flatMap(([cert, key]) => {
    if ((config[cert] === undefined) === (config[key] === undefined)) return [];
    const [is, not] = config[cert] === undefined ? [key, cert] : [cert, key];
    return [`${env(is)} is set without ${env(not)}: set both.`];
  });
}

const CERTIFICATES = [
  'kafkaCaFile',
  'kafkaCertFile',
  'kafkaOauthCaFile',
  'registryCaFile',
  'registryCertFile',
] as const;
const KEYS = ['kafkaKeyFile', 'registryKeyFile', 'databaseKeyFile'] as const;
const SECRETS = ['kafkaPasswordFile', 'kafkaTokenFile', 'kafkaOauthClientSecretFile', 'registryPasswordFile'] as const;

function fileProblems(config: ConnectionConfig): string[] {
  const look = (names: readonly (keyof ConnectionConfig)[], read: (path: string) => unknown): string[] =>
    names.flatMap((name) => {
      const path = config[name];
      if (typeof path !== 'string') return [];
      try {
        read(path);
        return [];
      } catch (error) {
        return [`${env(name)}: ${(error as Error).message}.`];
      }
    });
  return [
    ...look([...CERTIFICATES, 'databaseCaFile', 'databaseCertFile'], (caFile) => readTls({ caFile })),
    ...look(KEYS, (keyFile) => readTls({ keyFile })),
    ...look([...SECRETS, 'registryTokenFile', 'databasePasswordFile'], readSecretFile),
  ];
}
