import { chmodSync, lstatSync, lutimesSync } from 'node:fs';
import { listFiles } from './list-files.ts';

/**
 * Gives all below a folder, and itself, one time and modes that depend on no umask: two builds make the same layer. The time is
 * the same for every commit (1970), since the caches of engines do not look at times: a layer from there would bring older ones.
 */
export function settleTimes(folder: string): void {
  for (const path of [...listFiles(folder).toReversed(), folder]) {
    const status = lstatSync(path);
    if (!status.isSymbolicLink()) {
      const runs = status.isDirectory() || (status.mode & 0o100) !== 0;
      const sticky = status.mode & 0o1000;
      chmodSync(path, sticky === 0 ? (runs ? 0o755 : 0o644) : 0o1777);
    }
    lutimesSync(path, 0, 0);
  }
}
