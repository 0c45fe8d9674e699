import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { isRunning, startTime } from './process-tree.ts';

/**
 * Creates a lock file that names its holder, by id and start time; resolves to undefined, or to the living holder's
 * process id. A file whose holder is dead is taken over, even if another process has its id by now.
 */
export async function tryLock(file: string, holder: number): Promise<number | undefined> {
  // Linked, not written: the file is never seen without its content.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, `${holder} ${startTime(holder) ?? ''}`.trimEnd());
  try {
    for (;;) {
      if (await tryLink(draft, file)) return undefined;
      const owner = livingOwner(await read(file));
      if (owner !== undefined) return owner;
      await removeStale(file, draft);
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

/**
 * Removes the file unless somebody living has it by now. By one process at a time: of two that saw the same dead
 * holder, the slower one would remove the lock that the faster one has just made.
 */
async function removeStale(file: string, draft: string): Promise<void> {
  const turn = `${file}.turn`;
  if (await tryLink(draft, turn)) {
    if (livingOwner(await read(file)) === undefined) await rm(file, { force: true });
    await rm(turn, { force: true });
    return;
  }
  // That of a process which died in its turn. One that is over, its file gone, may be the next one's any moment.
  const content = await read(turn);
  if (content !== undefined && livingOwner(content) === undefined) await rm(turn, { force: true });
}

/** Undefined when there is no such file. */
function read(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/** Undefined when the holder is dead, or none is named. */
function livingOwner(content = ''): number | undefined {
  const [id, ...start] = content.trim().split(' ');
  const owner = Number(id);
  if (!Number.isInteger(owner) || owner <= 0 || !isRunning(owner)) return undefined;
  return start.join(' ') === (startTime(owner) ?? '') ? owner : undefined;
}
