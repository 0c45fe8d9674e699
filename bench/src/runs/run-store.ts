import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Measured } from '../bench.ts';

/** Under which conditions runs were made; only such as were made under the same are of one report. */
export type Setup = Readonly<Record<string, unknown>>;

export type OpenResult = { success: true; store: RunStore } | { success: false; problem: string };

/** Finished runs, each in a file of its own, so that whatever ends the bench loses one run at most. */
export interface RunStore {
  find(run: string): Promise<Measured | null>;
  keep(run: string, measured: Measured, more?: Record<string, unknown>): Promise<void>;
}

/** Opens the directory, or makes it. Refuses one whose runs were made under another setup. */
export async function openRunStore(directory: string, setup: Setup): Promise<OpenResult> {
  await mkdir(directory, { recursive: true });
  const setupFile = join(directory, 'setup.json');
  const text = JSON.stringify(setup);
  const before = await read(setupFile);
  if (before === null) await write(setupFile, text);
  else if (JSON.stringify(JSON.parse(before)) !== text) {
    return {
      success: false,
      problem: `${directory} has runs of another setup, ${before.trim()}, and this is ${text}.`,
    };
  }
  const fileOf = (run: string): string => join(directory, `${run}.json`);
  return {
    success: true,
    store: {
      async find(run) {
        const kept = await read(fileOf(run));
        return kept === null ? null : (JSON.parse(kept) as Measured);
      },
      keep: (run, measured, more = {}) => write(fileOf(run), JSON.stringify({ ...measured, ...more })),
    },
  };
}

async function read(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** By a rename: a file that is there is whole. */
async function write(file: string, text: string): Promise<void> {
  const partial = `${file}.partial`;
  await writeFile(partial, `${text}\n`);
  await rename(partial, file);
}
