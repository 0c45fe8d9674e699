import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { privateKey } from '../../testing/stand-in-client.ts';
import { chooseCredential } from './choose-credential.ts';
import { parseCredentials } from './parse-credentials.ts';
import { readGithubCredentials } from './read-credentials.ts';

const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const files: Record<string, string> = {
  'app.pem': privateKey,
  token: 'ghp_secret\n',
  empty: '\n',
  two: 'ghp_a ghp_b',
  'ec.pem': elliptic as string,
  'cut.pem': '-----BEGIN RSA PRIVATE KEY-----',
};
const readFile = (path: string) => {
  if (files[path] === undefined) throw new Error(`ENOENT: no such file, open '${path}'`);
  return files[path];
};
const parse = (value: unknown) => parseCredentials(typeof value === 'string' ? value : JSON.stringify(value), readFile);
const app = { namespace: 'github.com', appId: 1, privateKeyFile: 'app.pem' };
const token = { namespace: 'github.com', tokenFile: 'token' };

describe('HOOKLINE_GITHUB_FILE', () => {
  it('gives Apps and tokens, and where the API of their host is', () => {
    const result = parse([
      app,
      { ...app, namespace: 'octo.ghe.com', sources: ['a', 'b'] },
      { ...token, namespace: 'github.example.com:8443' },
      { ...token, namespace: 'other.example', baseUrl: 'http://127.0.0.1:3000/api/v3/' },
    ]);
    if (!result.success) throw new Error(result.problems.join('\n'));
    const pkcs8 = expect.stringMatching(/^-----BEGIN PRIVATE KEY-----/) as unknown;
    expect(result.credentials).toMatchObject([
      { type: 'app', appId: 1, privateKey: pkcs8, baseUrl: 'https://api.github.com', sources: null },
      { baseUrl: 'https://api.octo.ghe.com', sources: ['a', 'b'] },
      { type: 'token', token: 'ghp_secret', baseUrl: 'https://github.example.com:8443/api/v3' },
      { baseUrl: 'http://127.0.0.1:3000/api/v3' },
    ]);
    const [, , third] = result.credentials;
    expect(third?.type === 'token' && third.reread()).toBe('ghp_secret');
  });

  it.each<[unknown, string]>([
    ['{"a', 'It is not valid JSON'],
    [[], 'It is not a list of credentials with at least one entry.'],
    [[7], '[0] is not an object.'],
    [[{ ...app, namespace: undefined }], '[0].namespace is missing.'],
    [[{ ...app, namespace: 'https://github.com' }], '[0].namespace is not a host name in lower case.'],
    [[{ ...app, appid: 1 }], '[0].appid is not known; known are namespace,'],
    [[{ namespace: 'github.com', privateKeyFile: 'app.pem' }], '[0].appId is missing, and so is .tokenFile.'],
    [[{ ...app, appId: '1' }], '[0].appId is not the number of an App.'],
    [[{ ...app, appId: 0 }], '[0].appId is not the number of an App.'],
    [[{ namespace: 'github.com', appId: 1 }], '[0].privateKeyFile is missing.'],
    [[{ ...app, privateKeyFile: 7 }], '[0].privateKeyFile is not a text.'],
    [[{ ...app, privateKeyFile: 'none' }], '[0].privateKeyFile names a file that cannot be used (ENOENT'],
    [[{ ...app, privateKeyFile: 'token' }], 'cannot be used (it does not hold the RSA key of an App, as PEM).'],
    [[{ ...app, privateKeyFile: 'cut.pem' }], 'cannot be used (it does not hold the RSA key of an App, as PEM).'],
    [[{ ...app, privateKeyFile: 'ec.pem' }], 'cannot be used (it does not hold the RSA key of an App, as PEM).'],
    [
      [{ ...token, tokenFile: 'empty' }],
      '[0].tokenFile names a file that cannot be used (it does not hold one token).',
    ],
    [[{ ...token, tokenFile: 'two' }], '[0].tokenFile names a file that cannot be used (it does not hold one token).'],
    [[{ ...token, appId: 1 }], '[0] has both an App and a token: give each an entry of its own.'],
    [[{ ...app, baseUrl: 'api.github.com' }], '[0].baseUrl is not the URL of an API like'],
    [[{ ...app, baseUrl: 'ftp://github.com' }], '[0].baseUrl is not the URL of an API like'],
    [[{ ...app, baseUrl: 'https://user:pass@github.com' }], '[0].baseUrl is not the URL of an API like'],
    [[{ ...app, sources: [] }], '[0].sources is not a list with at least one source'],
    [[{ ...app, sources: 'main' }], '[0].sources is not a list'],
    [[{ ...app, sources: ['Main'] }], '[0].sources[0] is not the name of a source.'],
    [[app, token], 'Two entries are for github.com without sources.'],
    [
      [
        { ...app, sources: ['a', 'b'] },
        { ...token, sources: ['b'] },
      ],
      'Two entries are for github.com for the source "b".',
    ],
  ])('refuses %j', (value, problem) => {
    const result = parse(value);
    expect(result.success ? [] : result.problems).toEqual([expect.stringContaining(problem)]);
  });

  it('names all problems at once, and quotes no secret', () => {
    const result = parse([{ namespace: 'A', appId: 0, privateKeyFile: 'two' }, { tokenFile: 'two' }]);
    if (result.success) throw new Error('It was taken.');
    expect(result.problems).toHaveLength(5);
    expect(result.problems.join('\n')).not.toContain('ghp');
    const broken = parse('[{"token": "ghp_secret" oops}]');
    expect(broken.success ? '' : broken.problems.join('\n')).not.toContain('ghp');
  });

  it('is read with files that it names beside it', () => {
    const directory = mkdtempSync(join(tmpdir(), 'hookline-github-'));
    try {
      const path = join(directory, 'github.json');
      expect(readGithubCredentials(path)).toMatchObject({
        success: false,
        problems: [expect.stringContaining('ENOENT')],
      });
      writeFileSync(join(directory, 'token'), 'ghp_secret');
      writeFileSync(path, JSON.stringify([token]));
      expect(readGithubCredentials(path)).toMatchObject({ success: true, credentials: [{ token: 'ghp_secret' }] });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('the credential of an effect', () => {
  const parsed = parse([
    { ...token, namespace: 'ghes.example' },
    { ...app, appId: 1 },
    { ...app, appId: 2, sources: ['second', 'third'] },
    { ...app, namespace: 'narrow.example', sources: ['only'] },
  ]);
  const credentials = parsed.success ? parsed.credentials : [];
  const choose = (namespace: string, source: string, installationId: string | null = '7') => {
    const chosen = chooseCredential(credentials, { namespace, source, installationId });
    return chosen.success ? credentials.indexOf(chosen.credential) : chosen.problem;
  };

  it('is of its host, by its source before that of all', () => {
    expect(choose('ghes.example', 'main', null)).toBe(0);
    expect(choose('github.com', 'main')).toBe(1);
    expect(choose('github.com', 'third')).toBe(2);
  });

  it('is missed with the reason', () => {
    expect(choose('elsewhere.example', 'main')).toBe('HOOKLINE_GITHUB_FILE has no entry for elsewhere.example.');
    expect(choose('narrow.example', 'main')).toContain('for narrow.example is for the source "main"');
    expect(choose('github.com', 'main', null)).toContain('names no installation of the App 1');
  });
});
