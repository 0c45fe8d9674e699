import { mkdir } from 'node:fs/promises';
import { tryLock, unlock } from '@hookline/local-stack';
import { DemoError } from './demo-error.ts';
import { readLocalFile } from './local-file.ts';
import type { StateDirectory } from './state-directory.ts';

export type Claim =
  | { success: true; release: () => Promise<void> }
  | { success: false; pid: number; ingestUrl: string | undefined };

/**
 * Makes this process the only one that uses the directory, from before anything is started until all of it has
 * stopped. What a dead process left is taken over. Rejects with a `DemoError` where it may not write.
 */
export async function claimDirectory(state: StateDirectory): Promise<Claim> {
  const pid = await lock(state);
  if (pid === undefined) return { success: true, release: () => unlock(state.lock) };
  const local = await readLocalFile(state.localFile);
  return { success: false, pid, ingestUrl: local?.pid === pid ? local.ingestUrl : undefined };
}

async function lock(state: StateDirectory): Promise<number | undefined> {
  try {
    await mkdir(state.path, { recursive: true });
    return await tryLock(state.lock, process.pid);
  } catch (cause) {
    throw new DemoError(
      `The demo keeps its data in ${state.path}, and cannot write there (${(cause as Error).message}). Give it ` +
        'another directory: npm start -- --state-directory=PATH',
      { cause },
    );
  }
}
