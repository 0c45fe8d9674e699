import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runHere } from '../testing/run-here.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hookline-completion-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function script(shell: string): Promise<string> {
  const path = join(directory, shell);
  const { exitCode, stdout } = await runHere(['completion', shell], {});
  expect(exitCode).toBe(0);
  writeFileSync(path, stdout);
  return path;
}

const isThere = (shell: string) => spawnSync(shell, ['--version']).status === 0;

/** How a shell is asked what it offers for a line whose last word is being typed. */
const SHELLS: Record<string, (path: string, line: string) => string[]> = {
  bash: (path, line) => [
    '--norc',
    '-c',
    `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hookline; printf '%s\\n' "\${COMPREPLY[@]}"`,
    'bash',
    path,
    ...line.split(' '),
  ],
  fish: (path, line) => ['--no-config', '-c', `source ${path}; complete -C ${JSON.stringify(line)}`],
};

describe.each(Object.keys(SHELLS))('completion in %s', (shell) => {
  const offered = async (line: string) => {
    const ask = SHELLS[shell] as (path: string, line: string) => string[];
    const offers = execFileSync(shell, ask(await script(shell), line))
      .toString()
      .split('\n');
    // fish describes each offer behind a tab.
    const words = offers.map((offer) => offer.split('\t')[0] as string).filter(Boolean);
    return words.toSorted((a, b) => a.localeCompare(b));
  };

  // On a machine without the shell there is nothing to ask.
  const test = isThere(shell) ? it : it.skip;

  test.each([
    ['hookline part', ['partitions']],
    ['hookline lanes sh', ['show']],
    ['hookline deliveries list --deci', ['--decision']],
    ['hookline deliveries list --limit 5 --deci', ['--decision']],
    ['hookline deliveries list --decision pro', ['processed']],
    ['hookline migrate ', ['down', 'help', 'status', 'up']],
    ['hookline completion --h', ['--help']],
  ])('offers for "%s": %j', async (line, wanted) => {
    expect(await offered(line)).toEqual(expect.arrayContaining(wanted));
    if (!line.endsWith(' ')) expect(await offered(line)).toEqual(wanted);
  });

  test('offers every command that --help names', async () => {
    const { stdout } = await runHere(['--help'], {});
    const commands = stdout.slice(stdout.indexOf('Commands:')).matchAll(/^ {2}([a-z-]+)/gm);
    const names = [...commands].map(([, name]) => name as string);
    expect(names.length).toBeGreaterThan(5);
    expect(await offered('hookline ')).toEqual(expect.arrayContaining(names));
  });
});

describe('hookline completion', () => {
  it('prints a script for zsh with every command and option', async () => {
    const { stdout } = await runHere(['completion', 'zsh'], {});
    expect(stdout).toMatch(/^#compdef hookline\n/);
    expect(stdout).toContain(`('deliveries list --decision') compadd -- 'processed' `);
    expect(stdout).toMatch(/\('lanes'\) compadd -- list show [^\n]*--help/);
  });

  it('refuses a shell that it does not know', async () => {
    const { exitCode, stderr } = await runHere(['completion', 'csh'], {});
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Allowed choices are bash, zsh, fish');
  });
});
