import { parseArgs } from 'node:util';

export interface RedriveOptions {
  letters: number;
  repositories: number;
  /** Commands a second; 0: as many as go. */
  rate: number;
  /** Ctrl-C in the middle, and the same again. */
  interrupt: boolean;
  json: boolean;
}

export type RedriveArguments =
  | { success: true; help: true }
  | { success: true; help: false; options: RedriveOptions }
  | { success: false; problem: string };

const DEFAULTS = { letters: 100_000, repositories: 500, rate: 1000 };

export const REDRIVE_USAGE = `Usage: npm run bench -- redrive [options]

Makes dead letters of one error by a processor whose handler fails, redrives them by the real command with a processor whose
handler is mended, and checks that each has run once, in the order of the log, and nothing else. Exits with 1 where not.

  --letters N        dead letters (default ${DEFAULTS.letters})
  --repositories N   over so many repositories, in turn (default ${DEFAULTS.repositories})
  --rate N           commands a second, as for hookline; 0: as many as go (default ${DEFAULTS.rate})
  --interrupt        Ctrl-C in the middle, then the same command again, with the bulk's id
  --json             the report as one line of JSON on stdout, all else on stderr
  --help             show this
`;

export function parseRedrive(args: readonly string[]): RedriveArguments {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    if (values.help) return { success: true, help: true };
    const numbers: Record<string, number> = { ...DEFAULTS };
    for (const [name, least] of [
      ['letters', 1],
      ['repositories', 1],
      ['rate', 0],
    ] as const) {
      const number = Number(values[name] ?? DEFAULTS[name]);
      if (!Number.isInteger(number) || number < least) {
        return { success: false, problem: `--${name} is "${values[name]}"; it must be a whole number from ${least}.` };
      }
      numbers[name] = number;
    }
    const { interrupt = false, json = false } = values;
    const { letters, repositories, rate } = numbers as typeof DEFAULTS;
    return { success: true, help: false, options: { letters, repositories, rate, interrupt, json } };
  } catch (error) {
    return { success: false, problem: (error as Error).message };
  }
}

const OPTIONS = {
  letters: { type: 'string' },
  repositories: { type: 'string' },
  rate: { type: 'string' },
  interrupt: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;
