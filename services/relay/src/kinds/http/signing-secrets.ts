import { readFileSync } from 'node:fs';
import {
  readList,
  readSecret,
  readSecretPlace,
  readText,
  SECRET_FIELDS,
  type Problems,
  type SecretOrigins,
} from '@hookline/runtime';

/** Keys by the names that handlers sign with. */
export type SigningKeys = ReadonlyMap<string, Buffer>;

export type SigningKeysResult = { success: true; keys: SigningKeys } | { success: false; problems: string[] };

const NAME = { pattern: /^[^\p{Cc}]{1,200}$/u, wanted: 'a name: 1 to 200 characters of one line' };
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const SHORTEST = 24;
const LONGEST = 64;

/** The keys of the file that HOOKLINE_SIGNING_SECRETS_FILE names; none, where it is not set. */
export function readSigningKeys(signingSecretsFile: string | undefined, origins: SecretOrigins): SigningKeysResult {
  if (signingSecretsFile === undefined) return { success: true, keys: new Map() };
  let text: string;
  try {
    text = origins.readFile(signingSecretsFile);
  } catch (error) {
    const problem = `HOOKLINE_SIGNING_SECRETS_FILE names a file that cannot be read: ${(error as Error).message}.`;
    return { success: false, problems: [problem] };
  }
  const result = readList(
    text,
    { what: 'secrets' },
    (fields, problems) => readEntry(fields, problems, origins),
    sameNames,
  );
  if (result.success) return { success: true, keys: new Map(result.entries.map(({ name, key }) => [name, key])) };
  const place = `HOOKLINE_SIGNING_SECRETS_FILE (${signingSecretsFile})`;
  return { success: false, problems: result.problems.map((problem) => `${place}: ${problem}`) };
}

/** Where secrets are when the relay runs. */
export const secretOrigins: SecretOrigins = {
  readFile: (path) => readFileSync(path, 'utf8'),
  environment: process.env,
};

interface Entry {
  name: string;
  key: Buffer;
}

function readEntry(fields: Record<string, unknown>, problems: Problems, origins: SecretOrigins): Entry {
  problems.unknownFields(fields, ['name', ...SECRET_FIELDS]);
  const entry = { name: readText(fields, 'name', NAME, problems), key: Buffer.alloc(0) };
  const place = readSecretPlace(fields, problems);
  if (place === null) {
    if (SECRET_FIELDS.every((field) => fields[field] === undefined))
      problems.add('', `has no ${SECRET_FIELDS.join(' or ')}`);
    return entry;
  }
  const field = 'file' in place ? '.secretFile' : '.secretEnv';
  const found = readSecret(place, origins);
  if (!found.success) problems.add(field, found.reason);
  else {
    const key = keyOf(found.secret);
    if (key !== null) return { ...entry, key };
    problems.add(
      field,
      `does not lead to a secret of Standard Webhooks: whsec_ and the base64 of ${SHORTEST} to ${LONGEST} bytes`,
    );
  }
  return entry;
}

function keyOf(secret: string): Buffer | null {
  const text = secret.trim();
  if (!text.startsWith('whsec_') || !BASE64.test(text.slice(6))) return null;
  const key = Buffer.from(text.slice(6), 'base64');
  return key.length >= SHORTEST && key.length <= LONGEST ? key : null;
}

function sameNames(entries: Entry[]): string[] {
  const names = entries.map(({ name }) => name).filter((name) => name !== '');
  return [...new Set(names.filter((name, i) => names.indexOf(name) < i))].map(
    (name) => `Two secrets have the name "${name}".`,
  );
}
