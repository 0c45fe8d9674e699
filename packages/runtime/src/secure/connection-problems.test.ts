import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { databaseOptions, kafkaOptions } from '../options/connection-options.ts';
import { readConfig } from '../options/read-config.ts';
import { connectionProblems } from './connection-problems.ts';

let directory: string;
const file = (name: string) => join(directory, name);

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hookline-secure-'));
  const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=test'];
  execFileSync('openssl', ['req', ...made, '-keyout', file('key.pem'), '-out', file('cert.pem')], { stdio: 'ignore' });
  writeFileSync(file('secret'), 'secret\n');
  writeFileSync(file('empty'), '\n');
  writeFileSync(file('words'), 'no certificate');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const needed = {
  HOOKLINE_KAFKA_BROKERS: 'kafka:9093',
  HOOKLINE_REGISTRY_URL: 'https://registry/apis/ccompat/v7',
  HOOKLINE_DATABASE_URL: 'postgresql://hookline@database/hookline',
};

/** As a start tells them. Values `@name` are files of the test. */
function problemsOf(settings: Record<string, string>): string[] {
  const environment = Object.fromEntries(
    Object.entries({ ...needed, ...settings }).map(([name, value]) => [
      `HOOKLINE_${name}`.replace('HOOKLINE_HOOKLINE_', 'HOOKLINE_'),
      value.startsWith('@') ? file(value.slice(1)) : value,
    ]),
  );
  const result = readConfig({ ...kafkaOptions, ...databaseOptions }, environment);
  if (!result.success) throw new Error(result.errors.join('\n'));
  return connectionProblems(result.config).map((problem) => problem.replaceAll(`${directory}/`, ''));
}

const tls = { KAFKA_TLS: 'true' };
const user = { KAFKA_USERNAME: 'hookline', KAFKA_PASSWORD_FILE: '@secret' };
const client = {
  KAFKA_OAUTH_TOKEN_URL: 'https://id/token',
  KAFKA_OAUTH_CLIENT_ID: 'hookline',
  KAFKA_OAUTH_CLIENT_SECRET_FILE: '@secret',
};

describe('settings of connections that go together', () => {
  it.each<Record<string, string>>([
    {},
    { ...tls, KAFKA_CA_FILE: '@cert.pem', KAFKA_CERT_FILE: '@cert.pem', KAFKA_KEY_FILE: '@key.pem' },
    { KAFKA_SASL: 'scram-sha-512', ...user },
    { ...tls, KAFKA_SASL: 'plain', ...user },
    { ...tls, KAFKA_SASL: 'oauthbearer', KAFKA_TOKEN_FILE: '@secret' },
    { ...tls, KAFKA_SASL: 'oauthbearer', ...client, KAFKA_OAUTH_CA_FILE: '@cert.pem', KAFKA_OAUTH_SCOPE: 'a b' },
    { REGISTRY_CA_FILE: '@cert.pem', REGISTRY_USERNAME: 'hookline', REGISTRY_PASSWORD_FILE: '@secret' },
    { REGISTRY_TOKEN_FILE: '@secret' },
    { DATABASE_TLS: 'true', DATABASE_CA_FILE: '@cert.pem', DATABASE_PASSWORD_FILE: '@secret' },
    { DATABASE_URL: 'postgresql://hookline@database/hookline?sslmode=verify-full', DATABASE_CA_FILE: '@cert.pem' },
    { DATABASE_URL: 'postgresql://hookline@database/hookline?sslmode=disable' },
  ])('%j are no problem', (settings) => {
    expect(problemsOf(settings)).toEqual([]);
  });
});

describe('settings of connections that contradict', () => {
  it.each<[Record<string, string>, string]>([
    [{ KAFKA_CA_FILE: '@cert.pem' }, 'HOOKLINE_KAFKA_CA_FILE is set, and HOOKLINE_KAFKA_TLS is not true'],
    [{ ...tls, KAFKA_CERT_FILE: '@cert.pem' }, 'HOOKLINE_KAFKA_CERT_FILE is set without HOOKLINE_KAFKA_KEY_FILE'],
    [{ KAFKA_USERNAME: 'x' }, 'HOOKLINE_KAFKA_USERNAME is set, and HOOKLINE_KAFKA_SASL is none'],
    [{ KAFKA_TOKEN_FILE: '@secret' }, 'HOOKLINE_KAFKA_TOKEN_FILE is set, and HOOKLINE_KAFKA_SASL is none'],
    [{ ...tls, KAFKA_SASL: 'plain', KAFKA_USERNAME: 'x' }, 'HOOKLINE_KAFKA_PASSWORD_FILE is not set: plain needs it'],
    [{ KAFKA_SASL: 'plain', ...user }, 'the secret would be sent for all to read'],
    [{ ...tls, KAFKA_SASL: 'oauthbearer' }, 'there is no way to a token: set HOOKLINE_KAFKA_TOKEN_FILE, or'],
    [
      { ...tls, KAFKA_SASL: 'oauthbearer', KAFKA_OAUTH_TOKEN_URL: 'https://id/', KAFKA_OAUTH_CLIENT_ID: 'x' },
      'HOOKLINE_KAFKA_OAUTH_CLIENT_SECRET_FILE is not set, and HOOKLINE_KAFKA_OAUTH_TOKEN_URL and',
    ],
    [{ REGISTRY_URL: 'https://u:p@registry/' }, 'HOOKLINE_REGISTRY_URL has a user in it'],
    [{ REGISTRY_USERNAME: 'x' }, 'HOOKLINE_REGISTRY_USERNAME is set without HOOKLINE_REGISTRY_PASSWORD_FILE'],
    [{ REGISTRY_TOKEN_FILE: '@secret', REGISTRY_USERNAME: 'x', REGISTRY_PASSWORD_FILE: '@secret' }, 'keep one of them'],
    [{ REGISTRY_URL: 'http://registry/', REGISTRY_CA_FILE: '@cert.pem' }, 'it would not be used'],
    [{ REGISTRY_URL: 'http://registry/', REGISTRY_TOKEN_FILE: '@secret' }, 'a secret would be sent to it'],
    [{ DATABASE_CA_FILE: '@cert.pem' }, 'HOOKLINE_DATABASE_CA_FILE is set, and HOOKLINE_DATABASE_TLS is not true'],
    [{ DATABASE_URL: 'postgresql://a@b/c?sslmode=require' }, 'does not check whose certificate it is'],
    [{ DATABASE_URL: 'postgresql://a@b/c?sslrootcert=/x' }, 'says sslrootcert: leave it out'],
    [{ DATABASE_URL: 'postgresql://a@b/c?sslmode=disable', DATABASE_TLS: 'true' }, 'says sslmode=disable'],
    [{ DATABASE_URL: 'postgresql://a:p@b/c', DATABASE_PASSWORD_FILE: '@secret' }, 'keep one of them'],
    [{ REGISTRY_TOKEN_FILE: '@none' }, 'HOOKLINE_REGISTRY_TOKEN_FILE: none cannot be used: ENOENT'],
    [{ DATABASE_PASSWORD_FILE: '@empty' }, 'HOOKLINE_DATABASE_PASSWORD_FILE: empty cannot be used: it is empty'],
    [{ ...tls, KAFKA_CA_FILE: '@words' }, 'HOOKLINE_KAFKA_CA_FILE: words cannot be used: it holds no PEM certificate'],
  ])('%j: %s', (settings, said) => {
    expect(problemsOf(settings)).toEqual([expect.stringContaining(said)]);
  });

  it('are all told at once', () => {
    const settings = { KAFKA_SASL: 'plain', DATABASE_CA_FILE: '@none', REGISTRY_USERNAME: 'x' };
    expect(problemsOf(settings).map((problem) => problem.split(' ')[0])).toEqual([
      'HOOKLINE_KAFKA_USERNAME',
      'HOOKLINE_KAFKA_PASSWORD_FILE',
      'HOOKLINE_KAFKA_SASL',
      'HOOKLINE_REGISTRY_USERNAME',
      'HOOKLINE_DATABASE_CA_FILE',
      'HOOKLINE_DATABASE_CA_FILE:',
    ]);
  });

  it('do not have their secrets repeated', () => {
    const said = problemsOf({
      DATABASE_URL: 'postgresql://a:hush@b/c?sslmode=require',
      KAFKA_PASSWORD_FILE: '@secret',
    });
    expect(said.join()).not.toMatch(/hush|secret$/);
  });
});
