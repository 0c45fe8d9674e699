import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of a package or service and those of all packages of ours that it needs in production, sorted. */
export function workspaceClosure(root: string, folder: string): string[] {
  const seen = new Set<string>();
  const visit = (of: string): void => {
    if (seen.has(of)) return;
    seen.add(of);
    const { dependencies = {} } = JSON.parse(readFileSync(join(root, of, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    for (const [name, version] of Object.entries(dependencies)) {
      if (version.startsWith('workspace:')) visit(`packages/${name.replace('@hookline/', '')}`);
    }
  };
  visit(folder);
  return [...seen].toSorted();
}
