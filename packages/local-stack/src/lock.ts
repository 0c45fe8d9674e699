import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { isRunning } from './process-tree.ts';

/**
 * Creates a lock file that names its holder; resolves to undefined, or to the living holder's process id. A file
 * whose holder is dead is taken over.
 */
export async function tryLock(file: string, holder: number): Promise<number | undefined> {
  // Linked, not written: the file is never seen without its content.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, String(holder));
  try {
    for (;;) {
      if (await tryLink(draft, file)) return undefined;
      const owner = await readOwner(file);
      if (owner !== undefined && isRunning(owner)) return owner;
      await rm(file, { force: true });
    }
  } finally {
    await rm(draft, { force: true });
  }
}

export async function unlock(file: string): Promise<void> {
  await rm(file, { force: true });
}

async function tryLink(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined when the file went away meanwhile, or does not hold a process id. */
async function readOwner(file: string): Promise<number | undefined> {
  const owner = Number(await readFile(file, 'utf8').catch(() => ''));
  return Number.isInteger(owner) && owner > 0 ? owner : undefined;
}
