import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';

export interface BenchOptions {
  benches: Bench[];
  pairs: number;
  scale: number;
  /** Both sides of a pair at once. */
  together: boolean;
  json: boolean;
  profiles: string | null;
}

export type ArgumentsResult =
  | { success: true; help: true }
  | { success: true; help: false; options: BenchOptions }
  | { success: false; problem: string };

const DEFAULT_PAIRS = 5;

export function usage(benches: readonly Bench[]): string {
  const width = Math.max(...benches.map(({ name }) => name.length));
  const list = benches.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join('\n');
  return `Usage: npm run bench -- [name …] [options]

Runs benches on this machine, on a Kafka, a registry and a PostgreSQL of their own: each measures the same work on two
sides, one right after the other, and reports the ratio. docs/internals/bench.md says how to read it.

${list}

  redrive is no comparison, and has options of its own: npm run bench -- redrive --help
  relay-backlog, relay-latency are no comparisons either: npm run bench -- relay-backlog --help

  --pairs N       pairs of runs per bench (default ${DEFAULT_PAIRS})
  --scale X       so much of the work, above 0 and at most 1 (default 1): to try a bench out
  --together      both sides of a pair at once, each with half of the machine: for one that is busy with other things
  --json          the report as one line of JSON on stdout, all else on stderr
  --profile DIR   each processor leaves a CPU profile in DIR; the figures of such a run are not to be quoted
  --help          show this
`;
}

export function parseArguments(args: readonly string[], benches: readonly Bench[]): ArgumentsResult {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (values.help) return { success: true, help: true };
    const unknown = positionals.find((name) => !benches.some((bench) => bench.name === name));
    if (unknown !== undefined) return { success: false, problem: `There is no bench "${unknown}".` };
    const pairs = Number(values.pairs ?? DEFAULT_PAIRS);
    if (!Number.isInteger(pairs) || pairs < 1) {
      return { success: false, problem: `--pairs is "${values.pairs}"; it must be a whole number above 0.` };
    }
    const scale = Number(values.scale ?? 1);
    if (!(scale > 0 && scale <= 1)) {
      return { success: false, problem: `--scale is "${values.scale}"; it must be above 0 and at most 1.` };
    }
    const chosen = benches.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
    const { json = false, together = false, profile: profiles = null } = values;
    return { success: true, help: false, options: { benches: chosen, pairs, scale, together, json, profiles } };
  } catch (error) {
    return { success: false, problem: (error as Error).message };
  }
}

const OPTIONS = {
  pairs: { type: 'string' },
  scale: { type: 'string' },
  profile: { type: 'string' },
  together: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;
