import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceProcess } from '@hookline/test-support';
import type { Usage } from '../programs/leave-outcome.ts';
import type { System } from '../system/open-system.ts';

const CLI = { source: 'packages/cli/src/main.ts', dist: 'packages/cli/dist/main.js' };
const LEAVE_USAGE = new URL('../programs/leave-usage.ts', import.meta.url).href;

/** A `hookline` that runs. */
export interface RunningHookline {
  process: ServiceProcess;
  /** What it has said on stderr so far. */
  told(): string;
  /** What it has needed; null where it did not end by itself. */
  usage(): Promise<Usage | null>;
}

let runs = 0;

/** Starts the real command in a process of its own, and hands on, line by line, what it tells a person. */
export function startHookline(system: System, args: string[], say: (line: string) => void): RunningHookline {
  const file = join(system.directory, `usage-${(runs += 1)}.json`);
  let told = '';
  let line = '';
  const env = { HOOKLINE_ACTOR: 'bench', BENCH_USAGE: file, NODE_OPTIONS: `--import=${LEAVE_USAGE}` };
  const process = system.start(CLI, {
    args,
    env,
    onStderr(text) {
      told += text;
      const lines = (line + text).split('\n');
      line = lines.pop() ?? '';
      for (const one of lines) say(`  | ${one}`);
    },
  });
  return {
    process,
    told: () => told,
    usage: () =>
      readFile(file, 'utf8')
        .then((text) => JSON.parse(text) as Usage)
        .catch(() => null),
  };
}
