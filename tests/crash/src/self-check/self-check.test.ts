import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { parseArguments } from '../arguments.ts';
import { findFault } from '../faults/catalogue.ts';
import { applyEdit } from './apply-edits.ts';
import { BUGS, listBugs } from './bugs/catalogue.ts';
import { ROUNDS } from './rounds.ts';
import { copyCheckout } from './scratch-copy.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

describe('the seeded bugs', () => {
  // A bug is text of the sources. When those are changed it may fit no more, or fit elsewhere, and what it was to show is
  // shown by nothing.
  test.each(BUGS.map(({ name, edits }) => [name, edits] as const))('%s fits the sources', async (_name, edits) => {
    const texts = new Map<string, string>();
    for (const edit of edits) {
      const text = texts.get(edit.file) ?? (await readFile(join(root, edit.file), 'utf8'));
      const seeded = applyEdit(text, edit);
      expect(seeded).not.toBe(text);
      texts.set(edit.file, seeded);
    }
  });

  test('are told apart by their names, and at least 100', () => {
    expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
    expect(BUGS.length).toBeGreaterThanOrEqual(100);
  });

  test('an edit is refused where its text is not there exactly once', () => {
    const edit = { file: 'f.ts', find: 'b', replace: 'c' };
    expect(applyEdit('a b', edit)).toBe('a c');
    expect(() => applyEdit('a', edit)).toThrow('In f.ts this is to be there once, and is there 0 times');
    expect(() => applyEdit('b b', edit)).toThrow('In f.ts this is to be there once, and is there 2 times');
  });
});

test('every round that they are hunted in has faults that there are', () => {
  const faults = Object.values(ROUNDS).flatMap((round) => [...round.faults]);
  expect(faults.map((fault) => findFault(fault).name)).toEqual(faults);
});

describe('the option', () => {
  const parse = (...args: string[]) => parseArguments(args, () => '');
  test('stands for all bugs, or those that are named', () => {
    expect(parse('--self-check')).toEqual({ does: 'self-check', bugs: BUGS, parallel: 1, root: null });
    expect(parse('--self-check', '--bug', 'no-seek, claims-outside')).toMatchObject({
      bugs: [{ name: 'no-seek' }, { name: 'claims-outside' }],
    });
  });
  test('refuses a bug that there is not', () => {
    const why = expect.stringContaining('There is no bug "no-sleep".');
    expect(parse('--self-check', '--bug', 'no-sleep')).toMatchObject({ does: 'refuse', why });
  });
  test('lists them whole', () => {
    const listed = listBugs();
    expect(BUGS.filter(({ name, does }) => !listed.includes(name) || !listed.includes(does))).toEqual([]);
  });
});

describe('the copy', () => {
  // Were its packages loaded from the checkout, every bug would be seeded where nothing runs.
  test('has its own sources behind the names of its packages', async () => {
    const copy = await copyCheckout(root);
    try {
      const program = join(copy.root, 'tests/crash/src/programs/processor.ts');
      const resolved = await resolveFrom(program, ['@hookline/processor', '@hookline/kafka', '@hookline/database']);
      expect(resolved).toEqual(
        ['services/processor', 'packages/kafka', 'packages/database'].map((member) =>
          join(copy.root, member, 'src/index.ts'),
        ),
      );
    } finally {
      await copy.remove();
    }
  });
});

/** What a process of the harness would load there. */
async function resolveFrom(file: string, names: string[]): Promise<string[]> {
  const script = `console.log(JSON.stringify(${JSON.stringify(names)}.map((it) => require.resolve(it))))`;
  const run = `const require = (await import('node:module')).createRequire(${JSON.stringify(file)}); ${script}`;
  const flags = ['--conditions=source', '--input-type=module', '--eval', run];
  const { stdout } = await promisify(execFile)(process.execPath, flags);
  return JSON.parse(stdout) as string[];
}
