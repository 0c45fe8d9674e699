import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { option } from './kinds.ts';
import { readConfig } from './read-config.ts';

const table = {
  port: option.integer({ env: 'HOOKLINE_PORT', help: 'Port.', min: 1, max: 65535, default: 8080 }),
  timeoutMs: option.duration({ env: 'HOOKLINE_TIMEOUT_MS', help: 'Timeout.', default: 5 }),
  brokers: option.list({ env: 'HOOKLINE_BROKERS', help: 'Brokers.' }),
  token: option.string({ env: 'HOOKLINE_TOKEN', help: 'Token.', secret: true }),
  note: option.optionalString({ env: 'HOOKLINE_NOTE', help: 'Note.' }),
};
const required = { HOOKLINE_BROKERS: 'a:1', HOOKLINE_TOKEN: 't' };
const errorsOf = (environment: Record<string, string | undefined>, readFile?: (path: string) => string) => {
  const result = readConfig(table, environment, readFile);
  return result.success ? [] : result.errors;
};

describe('the configuration', () => {
  it('is what the environment says, with defaults where it says nothing or the empty string', () => {
    expect(readConfig(table, { ...required, HOOKLINE_PORT: '', HOOKLINE_TIMEOUT_MS: '9' })).toEqual({
      success: true,
      config: { port: 8080, timeoutMs: 9, brokers: ['a:1'], token: 't', note: undefined },
    });
  });

  // A bad number that becomes the default runs a service with settings that nobody chose.
  it('names every bad value at once, and makes none of them a default', () => {
    expect(errorsOf({ HOOKLINE_PORT: '80a', HOOKLINE_TIMEOUT_MS: '-5', HOOKLINE_BROKERS: 'a,,b' })).toEqual([
      'HOOKLINE_PORT is "80a", not a whole number; wanted: integer, 1 to 65535.',
      'HOOKLINE_TIMEOUT_MS is "-5", out of range; wanted: integer, ms, 0 to 2147483647.',
      'HOOKLINE_BROKERS is "a,,b", a list with an empty entry; wanted: list, separated by commas.',
      'HOOKLINE_TOKEN is not set, and has no default: Token.',
    ]);
  });

  it('does not repeat a bad secret', () => {
    const secret = { pin: option.integer({ env: 'HOOKLINE_PIN', help: 'Pin.', secret: true }) };
    expect(readConfig(secret, { HOOKLINE_PIN: '12x4' })).toEqual({
      success: false,
      errors: ['HOOKLINE_PIN is not a whole number; wanted: integer.'],
      partial: {},
    });
  });
});

describe('a secret in a mounted file', () => {
  const files = (path: string): string => {
    if (path === '/run/token') return 'from file\n';
    if (path === '/run/empty') return '\n';
    throw new Error(`ENOENT: no such file or directory, open '${path}'`);
  };
  const rest = { HOOKLINE_BROKERS: 'a:1' };

  it('is read, without the line break at its end', () => {
    const result = readConfig(table, { ...rest, HOOKLINE_TOKEN_FILE: '/run/token' }, files);
    expect(result).toMatchObject({ success: true, config: { token: 'from file' } });
  });

  it('is read from the real file system', () => {
    const directory = mkdtempSync(join(tmpdir(), 'hookline-'));
    try {
      const path = join(directory, 'token');
      writeFileSync(path, 'spaced out \r\n');
      const result = readConfig(table, { ...rest, HOOKLINE_TOKEN_FILE: path });
      expect(result).toMatchObject({ success: true, config: { token: 'spaced out ' } });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('must not be given twice, be missing or be empty', () => {
    expect(errorsOf({ ...required, HOOKLINE_TOKEN_FILE: '/run/token' }, files)).toEqual([
      'HOOKLINE_TOKEN and HOOKLINE_TOKEN_FILE are both set: keep one of them.',
    ]);
    expect(errorsOf({ ...rest, HOOKLINE_TOKEN_FILE: '/run/none' }, files)).toEqual([
      "HOOKLINE_TOKEN_FILE names a file that cannot be read: ENOENT: no such file or directory, open '/run/none'.",
    ]);
    expect(errorsOf({ ...rest, HOOKLINE_TOKEN_FILE: '/run/empty' }, files)).toEqual([
      'The file that HOOKLINE_TOKEN_FILE names is empty, and has no default: Token.',
    ]);
  });

  it('is not looked for where the variable is an option of its own', () => {
    const own = {
      sources: option.string({ env: 'HOOKLINE_SOURCES', help: 'S.', secret: true, default: 'none' }),
      sourcesFile: option.optionalString({ env: 'HOOKLINE_SOURCES_FILE', help: 'F.' }),
    };
    expect(readConfig(own, { HOOKLINE_SOURCES_FILE: '/run/none' }, files)).toEqual({
      success: true,
      config: { sources: 'none', sourcesFile: '/run/none' },
    });
  });
});

describe('a variable that nobody knows', () => {
  it.each([
    ['HOOKLINE_PROT', 'HOOKLINE_PORT'],
    ['HOOKLINE_PORTS', 'HOOKLINE_PORT'],
    ['HOOKLINE_port', 'HOOKLINE_PORT'],
    ['hookline_port', 'HOOKLINE_PORT'],
    ['HOOKLINE_TIMEOUTMS', 'HOOKLINE_TIMEOUT_MS'],
    ['HOOKLINE_TIMEOUT_M', 'HOOKLINE_TIMEOUT_MS'],
    ['HOOKLINE_TOKEN_FIEL', 'HOOKLINE_TOKEN_FILE'],
    ['HOOKLINE_BROKER', 'HOOKLINE_BROKERS'],
    ['HOOKLINE_BORKERS', 'HOOKLINE_BROKERS'],
  ])('%s is an error: it means %s', (name, meant) => {
    expect(errorsOf({ ...required, [name]: '1' })).toEqual([`${name} is not known. Did you mean ${meant}?`]);
  });

  // Services share an environment: what is another's must not stop this one.
  it.each(['HOOKLINE_HOST', 'HOOKLINE_TIMEOUT', 'HOOKLINE_KAFKA_BROKERS', 'HOOKLINE_TOPIC', 'PORT', 'HOOKLINE_'])(
    "%s is none of ours, and nothing like it: another service's",
    (name) => {
      expect(errorsOf({ ...required, [name]: '1' })).toEqual([]);
    },
  );
});
