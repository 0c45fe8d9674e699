import { globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What Node writes for one script, as far as we need it. */
interface ScriptCoverage {
  scriptId: string;
  url: string;
  functions: {
    functionName: string;
    isBlockCoverage: boolean;
    ranges: { startOffset: number; endOffset: number; count: number }[];
  }[];
}

export interface SourceGlobs {
  include: string[];
  exclude: string[];
}

/**
 * Adds to the raw coverage in a directory every source file that no process has loaded, as not covered: a file cannot
 * escape by never being imported. A file of types only has nothing to load, and counts as covered.
 */
export function addUnseenSources(root: string, rawDirectory: string, { include, exclude }: SourceGlobs): void {
  const seen = new Set<string>();
  for (const file of readdirSync(rawDirectory)) {
    for (const { url } of readResult(join(rawDirectory, file))) seen.add(url);
  }
  const result: ScriptCoverage[] = [];
  for (const path of globSync(include, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**', ...exclude] })) {
    const url = pathToFileURL(join(root, path)).href;
    if (!seen.has(url)) result.push(unseen(url, readFileSync(join(root, path), 'utf8')));
  }
  writeFileSync(join(rawDirectory, 'unseen.json'), JSON.stringify({ result }));
}

/** Nothing, of a process that was killed while it wrote. */
function readResult(file: string): ScriptCoverage[] {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { result: ScriptCoverage[] }).result;
  } catch {
    return [];
  }
}

function unseen(url: string, source: string): ScriptCoverage {
  const count = hasCode(source) ? 0 : 1;
  const ranges = [{ startOffset: 0, endOffset: source.length, count }];
  return { scriptId: '0', url, functions: [{ functionName: '', isBlockCoverage: true, ranges }] };
}

/** Whether anything is left once types and comments are gone. */
function hasCode(source: string): boolean {
  const left = stripTypeScriptTypes(source, { mode: 'strip' })
    .replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '')
    .replaceAll(/export\s*\{\s*\}\s*;?/g, '');
  return left.trim() !== '';
}
