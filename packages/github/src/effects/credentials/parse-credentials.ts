import { createPrivateKey } from 'node:crypto';
import { type Problems, readList, readText } from '@hookline/runtime';
import type { Credential } from './credential.ts';

export type CredentialsResult = { success: true; credentials: Credential[] } | { success: false; problems: string[] };

/** Reads a file that the list names; throws if it cannot. */
export type ReadFile = (path: string) => string;

type Fields = Record<string, unknown>;

const FIELDS = ['namespace', 'baseUrl', 'appId', 'privateKeyFile', 'tokenFile', 'sources'];
const HOST = { pattern: /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\d{1,5})?$/, wanted: 'a host name in lower case' };
const PATH = { pattern: /./, wanted: 'a path' };
const SOURCE = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/**
 * Reads the list of HOOKLINE_GITHUB_FILE: `[{"namespace": "github.com", "appId": 1, "privateKeyFile": "app.pem"}]`. All
 * problems are named at once, by place; none of them quotes a secret.
 */
export function parseCredentials(text: string, readFile: ReadFile): CredentialsResult {
  const read = (fields: Fields, problems: Problems) => readEntry(fields, problems, readFile);
  const result = readList(text, { what: 'credentials', least: 1 }, read, clashes);
  return result.success ? { success: true, credentials: result.entries } : result;
}

function readEntry(fields: Fields, problems: Problems, readFile: ReadFile): Credential {
  problems.unknownFields(fields, FIELDS);
  const namespace = readText(fields, 'namespace', HOST, problems);
  const baseUrl = readBaseUrl(fields['baseUrl'], namespace, problems);
  const common = { namespace, baseUrl, sources: readSources(fields['sources'], problems) };
  const { appId, privateKeyFile, tokenFile } = fields;
  if (tokenFile !== undefined) {
    if (appId !== undefined || privateKeyFile !== undefined) {
      problems.add('', 'has both an App and a token: give each an entry of its own');
    }
    const path = readText(fields, 'tokenFile', PATH, problems);
    const reread = () => tokenOf(readFile(path));
    return { type: 'token', ...common, token: readFrom('.tokenFile', path, reread, problems), reread };
  }
  if (appId === undefined) problems.add('.appId', 'is missing, and so is .tokenFile');
  else if (!Number.isSafeInteger(appId) || Number(appId) < 1) problems.add('.appId', 'is not the number of an App');
  const path = readText(fields, 'privateKeyFile', PATH, problems);
  const privateKey = readFrom('.privateKeyFile', path, () => privateKeyOf(readFile(path)), problems);
  return { type: 'app', ...common, appId: Number(appId), privateKey };
}

function readBaseUrl(value: unknown, namespace: string, problems: Problems): string {
  if (value === undefined) return defaultBaseUrl(namespace);
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  const plain = url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (plain && ['https:', 'http:'].includes(url.protocol)) return url.href.replace(/\/$/, '');
  problems.add('.baseUrl', 'is not the URL of an API like https://github.example.com/api/v3');
  return '';
}

/** Where the API of a host is: of github.com, of an enterprise with data residency, and of an Enterprise Server. */
function defaultBaseUrl(namespace: string): string {
  if (namespace === 'github.com' || namespace.endsWith('.ghe.com')) return `https://api.${namespace}`;
  return `https://${namespace}/api/v3`;
}

function readSources(value: unknown, problems: Problems): string[] | null {
  if (value === undefined) return null;
  if (!Array.isArray(value) || value.length === 0) {
    problems.add('.sources', 'is not a list with at least one source; leave it out for all of the namespace');
    return null;
  }
  for (const [i, source] of value.entries()) {
    if (typeof source !== 'string' || !SOURCE.test(source))
      problems.add(`.sources[${i}]`, 'is not the name of a source');
  }
  return value as string[];
}

function readFrom(place: string, path: string, read: () => string, problems: Problems): string {
  // A path that is none has been told of.
  if (path === '') return '';
  try {
    return read();
  } catch (error) {
    problems.add(place, `names a file that cannot be used (${(error as Error).message})`);
    return '';
  }
}

function tokenOf(text: string): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Error('it does not hold one token');
  return token;
}

function privateKeyOf(pem: string): string {
  const key = parsedKey(pem);
  if (key?.asymmetricKeyType !== 'rsa') throw new Error('it does not hold the RSA key of an App, as PEM');
  return key.export({ type: 'pkcs8', format: 'pem' }) as string;
}

/** The library's errors tell of ASN.1. */
function parsedKey(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** Of two entries for the same effects, which one acts would be chance. */
function clashes(credentials: Credential[]): string[] {
  const seen = new Set<string>();
  return credentials.flatMap(({ namespace, sources }) =>
    (sources ?? [null]).flatMap((source) => {
      // A namespace that is none has been told of.
      if (namespace === '') return [];
      const which = `${namespace} ${source === null ? 'without sources' : `for the source "${source}"`}`;
      if (seen.has(which)) return [`Two entries are for ${which}.`];
      seen.add(which);
      return [];
    }),
  );
}
