import { globSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { root } from '../tools.ts';

/** Of the examples' tests, those that are shown: as users would write them. */
const SHOWN_TESTS = ['welcome.test.ts'];

/** The files of the examples of handlers as blocks of code, by `example FILE`. Their code is compiled, linted and tested. */
export function exampleParts(): [name: string, block: string][] {
  const files = globSync('examples/handlers/src/*.{ts,sql}', { cwd: root })
    .filter((path) => !path.endsWith('.test.ts') || SHOWN_TESTS.includes(basename(path)))
    .toSorted();
  return files.map((path) => {
    const code = readFileSync(join(root, path), 'utf8').trimEnd();
    return [`example ${basename(path)}`, ['```' + extname(path).slice(1), code, '```', ''].join('\n')];
  });
}
