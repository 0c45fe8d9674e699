import { parseArgs } from 'node:util';

export interface RelayOptions {
  effects: number;
  /** Over so many repositories, in turn. */
  repositories: number;
  json: boolean;
}

export type RelayArguments =
  | { success: true; help: true }
  | { success: true; help: false; options: RelayOptions }
  | { success: false; problem: string };

const DEFAULTS = {
  'relay-backlog': { effects: 100_000, repositories: 1000 },
  'relay-latency': { effects: 500, repositories: 100 },
};

export type RelayBench = keyof typeof DEFAULTS;

export const isRelayBench = (name: string | undefined): name is RelayBench => name !== undefined && name in DEFAULTS;

export const RELAY_USAGE = `Usage: npm run bench -- relay-backlog | relay-latency [options]

relay-backlog has one relay send effects that wait already, to a target that takes everything at once, and tells how many a
second, and how much memory it has needed. relay-latency writes effects one by one while the relay is idle, and tells how
long each took from its COMMIT until it was sent.

  --effects N        effects (default ${DEFAULTS['relay-backlog'].effects}, ${DEFAULTS['relay-latency'].effects})
  --repositories N   over so many repositories, in turn (default ${DEFAULTS['relay-backlog'].repositories}, ${DEFAULTS['relay-latency'].repositories})
  --json             the report as one line of JSON on stdout, all else on stderr
  --help             show this
`;

export function parseRelay(bench: RelayBench, args: readonly string[]): RelayArguments {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    if (values.help) return { success: true, help: true };
    const options = { ...DEFAULTS[bench], json: values.json ?? false };
    for (const name of ['effects', 'repositories'] as const) {
      const number = Number(values[name] ?? options[name]);
      if (!Number.isInteger(number) || number < 1) {
        return { success: false, problem: `--${name} is "${values[name]}"; it must be a whole number from 1.` };
      }
      options[name] = number;
    }
    return { success: true, help: false, options };
  } catch (error) {
    return { success: false, problem: (error as Error).message };
  }
}

const OPTIONS = {
  effects: { type: 'string' },
  repositories: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;
