import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type CredentialsResult, parseCredentials } from './parse-credentials.ts';

/** Reads HOOKLINE_GITHUB_FILE and the files that it names, whose paths are relative to it. */
export function readGithubCredentials(path: string): CredentialsResult {
  try {
    const readFile = (named: string) => readFileSync(resolve(dirname(path), named), 'utf8');
    return parseCredentials(readFileSync(path, 'utf8'), readFile);
  } catch (error) {
    return { success: false, problems: [`It cannot be read (${(error as Error).message}).`] };
  }
}
