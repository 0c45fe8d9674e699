import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../cache.ts';
import { tail } from '../log-tail.ts';
import { run } from '../processes/run.ts';
import { StackError } from '../stack-error.ts';

/** PgBouncer as it can be run, with the libraries that came with it. */
export interface PgbouncerProgram {
  program: string;
  libraryPath: string;
}

/** What is rarely there besides; the other libraries that it needs are. */
const LIBRARIES = /^(libc-ares|libevent-2)/;

/**
 * The program on the PATH, else that of Debian's package, which is downloaded the first time (less than 1 MB) and unpacked,
 * not installed. Rejects with a `StackError` that says what to do.
 */
export async function pgbouncerProgram(): Promise<PgbouncerProgram> {
  if ((await run('pgbouncer', ['--version'])).code === 0) return { program: 'pgbouncer', libraryPath: '' };
  const directory = await cached('pgbouncer', download);
  const libraries = await readdir(join(directory, 'usr', 'lib'));
  const libraryPath = libraries.map((name) => join(directory, 'usr', 'lib', name)).join(':');
  return { program: join(directory, 'usr', 'sbin', 'pgbouncer'), libraryPath };
}

async function download(directory: string): Promise<void> {
  const needs = (await must('apt-cache', ['depends', 'pgbouncer'], directory)).matchAll(/Depends: (\S+)/g);
  const libraries = [...needs].flatMap(([, name]) => (name !== undefined && LIBRARIES.test(name) ? [name] : []));
  await must('apt-get', ['download', 'pgbouncer', ...libraries], directory);
  for (const name of await readdir(directory)) {
    if (name.endsWith('.deb')) await must('dpkg', ['-x', name, '.'], directory);
  }
}

async function must(program: string, args: string[], cwd: string): Promise<string> {
  const { code, output } = await run(program, args, { cwd, guarded: true });
  if (code === 0) return output;
  throw new StackError(
    `There is no PgBouncer, and Debian's could not be had: ${program} ${args.join(' ')} failed (exit code ` +
      `${code ?? 'none'}). Install pgbouncer, or run apt-get update as root, then try again. It says:${tail(output)}`,
  );
}
