import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { addUnseenSources } from './unseen-sources.ts';

describe('coverage', () => {
  let root: string;
  let raw: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'hookline-coverage-'));
    raw = join(root, 'raw');
    mkdirSync(join(root, 'src'));
    mkdirSync(raw);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** Times that the last range holding all of the file ran, or undefined when no process tells of it. */
  function count(name: string): number | undefined {
    addUnseenSources(root, raw, { include: ['src/*.ts'], exclude: ['**/*.test.ts'] });
    const { result } = JSON.parse(readFileSync(join(raw, 'unseen.json'), 'utf8')) as {
      result: { url: string; functions: { ranges: { count: number }[] }[] }[];
    };
    const url = pathToFileURL(join(root, 'src', name)).href;
    return result.find((script) => script.url === url)?.functions[0]?.ranges[0]?.count;
  }

  it('counts a file that no process loaded as not covered', () => {
    writeFileSync(join(root, 'src', 'forgotten.ts'), 'export const one: number = 1;\n');
    expect(count('forgotten.ts')).toBe(0);
  });

  it('counts a file of types only as covered: there is nothing to load', () => {
    writeFileSync(
      join(root, 'src', 'types.ts'),
      "/** Doc. */\nimport type { A } from './a.ts';\n// note\nexport interface B extends A {}\nexport type C = B;\n",
    );
    expect(count('types.ts')).toBe(1);
  });

  it('leaves to the processes what they loaded, a child as well, and does not mind a report that was cut off', () => {
    const file = join(root, 'src', 'child.ts');
    writeFileSync(file, 'export const one: number = 1;\n');
    writeFileSync(join(root, 'src', 'child.test.ts'), 'it();\n');
    spawnSync(process.execPath, [file], { env: { ...process.env, NODE_V8_COVERAGE: raw } });
    writeFileSync(join(raw, 'coverage-1.json'), '{"result":[{"url"');
    expect(count('child.ts')).toBeUndefined();
    expect(count('child.test.ts')).toBeUndefined();
  });
});
