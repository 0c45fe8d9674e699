import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Whether `script` of util-linux is there, which has a pseudo-terminal to give; that of other systems takes other options. */
export const HAS_TERMINAL = /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '');

export interface AtTerminal {
  exitCode: number | null;
  /** Everything that the screen would show. */
  screen: string;
}

/** Runs `hookline` at a real terminal, and presses these keys as soon as it asks. */
export async function runAtTerminal(
  args: readonly string[],
  settings: Record<string, string>,
  { keys }: { keys: string },
): Promise<AtTerminal> {
  const { PATH, NODE_V8_COVERAGE } = process.env;
  const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
  const line = [process.execPath, ...flags, MAIN, ...args]
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ');
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: tmpdir(),
    env: { PATH, TERM: 'xterm', ...(NODE_V8_COVERAGE && { NODE_V8_COVERAGE }), ...settings },
  });
  let screen = '';
  let asked = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    if (asked || !screen.includes('[y/N]')) return;
    asked = true;
    child.stdin.write(keys);
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, screen };
}
