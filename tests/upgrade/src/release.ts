import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What is remembered of a release, so that what comes after it can be compared without its sources. */
export interface Release {
  /** `x.y.z`; 0.0.0 until there is a first release. */
  version: string;
  /** The commit whose services are run beside the present ones. */
  commit: string;
  /** SHA-256, in hex, of what its migrations apply, by file. */
  migrations: Record<string, string>;
  /** Avro schemas of its records, by what they are of. */
  schemas: Record<string, object>;
}

/** Of this checkout. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Written by `npm run upgrade:record`, and by nobody else. */
export const RELEASE_FILE = join(ROOT, 'tests/upgrade/last-release.json');

/** The last release: what can run beside this checkout in a rolling upgrade, or after a rollback. */
export async function lastRelease(): Promise<Release> {
  return JSON.parse(await readFile(RELEASE_FILE, 'utf8')) as Release;
}

/** Hashes of what the migrations of a checkout apply, by name, in their order. */
export async function hashMigrations(checkout: string): Promise<Record<string, string>> {
  const directory = join(checkout, 'migrations');
  const names = (await readdir(directory)).filter((name) => name.endsWith('.up.sql')).toSorted();
  const hashes = names.map(async (name): Promise<[string, string]> => {
    const text = await readFile(join(directory, name));
    return [name, createHash('sha256').update(text).digest('hex')];
  });
  return Object.fromEntries(await Promise.all(hashes));
}
