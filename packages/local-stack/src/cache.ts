import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { guard, release, type Ward } from './guardian/guardian.ts';
import { tryLock, unlock } from './lock.ts';
import { StackError } from './stack-error.ts';
import { waitUntil } from './wait-until.ts';

/** Longest that one start waits for another's download. */
const DOWNLOAD_TIMEOUT_MS = 15 * 60_000;

/** `HOOKLINE_CACHE`, else `hookline` in the user's cache directory. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env['HOOKLINE_CACHE']) return env['HOOKLINE_CACHE'];
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'hookline');
}

/**
 * Directory `name` in the cache; `fill` makes its content the first time. It appears by a rename when it is complete,
 * so that a download that was cut off is never mistaken for one; a lock lets a second start wait for the first's.
 */
export async function cached(name: string, fill: (directory: string) => Promise<void>): Promise<string> {
  const cache = cacheDirectory();
  const target = join(cache, name);
  if (await exists(target)) return target;
  try {
    await mkdir(cache, { recursive: true });
  } catch (cause) {
    const { message } = cause as Error;
    throw new StackError(`Downloads cannot be kept (${message}): name a directory for them in HOOKLINE_CACHE.`, {
      cause,
    });
  }
  const lock = `${target}.lock`;
  await waitUntil(`another download of ${name} (${lock})`, DOWNLOAD_TIMEOUT_MS, async () => {
    return (await tryLock(lock, process.pid)) === undefined;
  });
  try {
    if (!(await exists(target))) await fillAndRename(target, fill);
  } finally {
    await unlock(lock);
  }
  return target;
}

/** Whether `cached` would find the directory without making it. */
export async function isCached(name: string): Promise<boolean> {
  return exists(join(cacheDirectory(), name));
}

async function fillAndRename(target: string, fill: (directory: string) => Promise<void>): Promise<void> {
  const partial = await mkdtemp(`${target}.partial-`);
  const ward: Ward = { kind: 'path', id: partial };
  guard(ward);
  try {
    await fill(partial);
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  } finally {
    release(ward);
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
