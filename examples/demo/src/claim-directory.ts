import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { readLocalFile } from './local-file.ts';
import type { StateDirectory } from './state-directory.ts';

export type Claim =
  | { success: true; release: () => Promise<void> }
  | { success: false; pid: number; ingestUrl: string | undefined };

/**
 * Makes this process the only one that uses the directory, from before anything is started until all of it has
 * stopped. What a dead process left is taken over.
 */
export async function claimDirectory(state: StateDirectory): Promise<Claim> {
  await mkdir(state.path, { recursive: true });
  const local = await readLocalFile(state.localFile);
  if (local && isAlive(local.pid)) return { success: false, pid: local.pid, ingestUrl: local.ingestUrl };
  while (!(await createLock(state.lock))) {
    const pid = Number(await readFile(state.lock, 'utf8').catch(() => ''));
    if (Number.isInteger(pid) && pid > 0 && isAlive(pid)) return { success: false, pid, ingestUrl: undefined };
    await rm(state.lock, { force: true });
  }
  return { success: true, release: () => rm(state.lock, { force: true }) };
}

async function createLock(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
