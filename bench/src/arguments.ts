import { parseArgs } from 'node:util';
import { DEFAULT_PAIRS, type Bench } from './bench.ts';
import { scaleOf } from './scale.ts';

export interface BenchOptions {
  benches: Bench[];
  /** Null: as many as each bench has by itself. */
  pairs: number | null;
  scale: number;
  /** Both sides of a pair at once. */
  together: boolean;
  format: 'text' | 'json' | 'markdown';
  profiles: string | null;
  /** Directory of finished runs. */
  resume: string | null;
}

export type ArgumentsResult =
  | { success: true; show: string }
  | { success: true; show: null; options: BenchOptions }
  | { success: false; problem: string };

export function usage(benches: readonly Bench[]): string {
  return `Usage: npm run bench -- name … | --all | --list [options]

Runs benches on this machine, on a Kafka, a registry and a PostgreSQL of their own: each measures the same work on two
sides, one right after the other, and reports the ratio. docs/internals/bench.md says how to read it.

${list(benches)}
  redrive is no comparison, and has options of its own: npm run bench -- redrive --help
  curves measures what grows with what: npm run bench -- curves --help
  relay-backlog, relay-latency are no comparisons either: npm run bench -- relay-backlog --help

  --all           every bench of this list
  --list          show this list
  --pairs N       pairs of runs per bench (default ${DEFAULT_PAIRS}, or what the bench says)
  --scale X       so much of the work, above 0 and at most 1 (default 1): to try a bench out
  --resume DIR    keep each finished run in DIR, and do not make those again that are there
  --together      both sides of a pair at once, each with half of the machine: for one that is busy with other things
  --json          the report as one line of JSON on stdout, all else on stderr
  --markdown      the report as Markdown on stdout
  --profile DIR   each processor leaves a CPU profile in DIR; the figures of such a run are not to be quoted
  --help          show this
`;
}

function list(benches: readonly Bench[]): string {
  const width = Math.max(...benches.map(({ name }) => name.length));
  return benches.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}\n`).join('');
}

export function parseArguments(args: readonly string[], benches: readonly Bench[]): ArgumentsResult {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (values.help) return { success: true, show: usage(benches) };
    if (values.list) return { success: true, show: list(benches) };
    const { all = false, json = false, markdown = false, together = false } = values;
    const { profile: profiles = null, resume = null } = values;
    const unknown = positionals.find((name) => !benches.some((bench) => bench.name === name));
    if (unknown !== undefined) return { success: false, problem: `There is no bench "${unknown}".` };
    if (all === positionals.length > 0) return { success: false, problem: 'Name benches, or say --all.' };
    if (json && markdown) return { success: false, problem: 'The report is --json or --markdown, not both.' };
    const pairs = values.pairs === undefined ? null : Number(values.pairs);
    if (pairs !== null && (!Number.isInteger(pairs) || pairs < 1)) {
      return { success: false, problem: `--pairs is "${values.pairs}"; it must be a whole number above 0.` };
    }
    const scale = scaleOf(values.scale);
    const chosen = benches.filter(({ name }) => all || positionals.includes(name));
    const format = json ? 'json' : markdown ? 'markdown' : 'text';
    return {
      success: true,
      show: null,
      options: { benches: chosen, pairs, scale, together, format, profiles, resume },
    };
  } catch (error) {
    return { success: false, problem: (error as Error).message };
  }
}

const OPTIONS = {
  all: { type: 'boolean' },
  list: { type: 'boolean' },
  pairs: { type: 'string' },
  scale: { type: 'string' },
  resume: { type: 'string' },
  profile: { type: 'string' },
  together: { type: 'boolean' },
  json: { type: 'boolean' },
  markdown: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;
