import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What the services themselves said of ownership: whether a round has tried the fence at all. */
export interface Signs {
  /** Transactions that found another owner, and wrote nothing. */
  fencedOut: number;
  /** Backends of older owners that a takeover has ended. */
  terminated: number;
}

export async function readSigns(directory: string): Promise<Signs> {
  const signs: Signs = { fencedOut: 0, terminated: 0 };
  for (const file of await readdir(directory)) {
    if (!file.endsWith('.log')) continue;
    for (const line of (await readFile(join(directory, file), 'utf8')).split('\n')) {
      if (line.includes('"msg":"fenced out')) signs.fencedOut += 1;
      signs.terminated += Number(/"terminated":(\d+)/.exec(line)?.[1] ?? 0);
    }
  }
  return signs;
}
