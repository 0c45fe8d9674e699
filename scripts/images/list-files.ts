import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Everything below a folder, links not followed, parents first, in one order on every machine. */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? [path, ...listFiles(path)] : [path];
    });
}
