import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StackError } from '../stack-error.ts';
import { run } from './run.ts';

const ACCOUNT = 'nobody';
const ENTERED_BY_ALL = 0o001;

export interface Account {
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root: then it is the system's `nobody`, so that no account has to be made. */
export async function unprivilegedAccount(ourUid = process.getuid?.()): Promise<Account | undefined> {
  if (ourUid !== 0) return undefined;
  const [uid, gid] = await Promise.all([run('id', ['-u', ACCOUNT]), run('id', ['-g', ACCOUNT])]);
  if (uid.code !== 0 || gid.code !== 0) {
    throw new StackError(
      `PostgreSQL refuses to run as root, and this system has no account "${ACCOUNT}". Run as another user, or use Docker.`,
    );
  }
  return { uid: Number(uid.output), gid: Number(gid.output) };
}

export interface Invocation {
  program: string;
  args: string[];
  uid?: number;
  gid?: number;
}

/**
 * The way to run a program as that account with these paths. Where one lies below a directory that only root enters
 * (a clone in root's home), changing the user is not enough: the program keeps root's right to any file, and no other
 * of root's rights.
 */
export async function invokeAs(
  account: Account | undefined,
  program: string,
  args: string[],
  paths: string[],
): Promise<Invocation> {
  if (account === undefined) return { program, args };
  const closed = await firstClosed([program, ...paths]);
  if (closed === undefined) return { program, args, ...account };
  if ((await run('setpriv', ['--version'])).code !== 0) {
    throw new StackError(
      `PostgreSQL refuses to run as root, and its account "${ACCOUNT}" may not enter ${closed}. ` +
        `Run "chmod o+x ${closed}", or clone Hookline elsewhere, or use Docker.`,
    );
  }
  const { uid, gid } = account;
  // Without that bit access(2), by which initdb looks for its programs, leaves capabilities out.
  const flags = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--securebits=+no_setuid_fixup'];
  return {
    program: 'setpriv',
    args: [...flags, '--inh-caps=+dac_override', '--ambient-caps=+dac_override', program, ...args],
  };
}

/** The uppermost directory on the way to any of the paths that others may not enter. */
async function firstClosed(paths: string[]): Promise<string | undefined> {
  for (const path of paths) {
    for (const directory of ancestors(path)) {
      if (((await stat(directory)).mode & ENTERED_BY_ALL) === 0) return directory;
    }
  }
  return undefined;
}

/** From the root down, without the path itself. */
function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [...ancestors(parent), parent];
}
