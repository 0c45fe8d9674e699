import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bug, Edit } from './bug.ts';

/** @throws when the text to be replaced is not there exactly once: the code is another, and the bug none of it */
export function applyEdit(source: string, { file, find, replace }: Edit): string {
  const times = source.split(find).length - 1;
  if (times === 1) return source.replace(find, () => replace);
  throw new Error(`In ${file} this is to be there once, and is there ${times} times:\n${find}`);
}

/** Puts a bug into a checkout. Resolves to what takes it out again. */
export async function seedBug(
  root: string,
  { name, edits }: Pick<Bug, 'name' | 'edits'>,
): Promise<() => Promise<void>> {
  const originals = new Map<string, string>();
  const seeded = new Map<string, string>();
  for (const edit of edits) {
    const path = join(root, edit.file);
    const original = originals.get(path) ?? (await readFile(path, 'utf8'));
    originals.set(path, original);
    try {
      seeded.set(path, applyEdit(seeded.get(path) ?? original, edit));
    } catch (error) {
      throw new Error(`The bug ${name} cannot be seeded. ${(error as Error).message}`, { cause: error });
    }
  }
  await writeAll(seeded);
  return () => writeAll(originals);
}

async function writeAll(files: ReadonlyMap<string, string>): Promise<void> {
  await Promise.all([...files].map(([path, text]) => writeFile(path, text)));
}
