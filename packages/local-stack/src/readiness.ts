import { pingDatabase } from '@hookline/database';
import { countBrokers } from './kafka-metadata.ts';

const TIMEOUT_MS = 1000;

/** Questions that a server can only answer when it serves; each is false or throws when it does not yet. */
export async function kafkaAnswers(port: number, brokers: number): Promise<boolean> {
  return (await countBrokers('127.0.0.1', port, TIMEOUT_MS)) >= brokers;
}

export async function registryAnswers(port: number): Promise<boolean> {
  const response = await fetch(`${registryUrl(port)}/subjects`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  return response.ok && Array.isArray(await response.json());
}

export async function postgresAnswers(port: number): Promise<boolean> {
  await pingDatabase(databaseUrl(port), TIMEOUT_MS);
  return true;
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
