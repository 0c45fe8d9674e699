import { parseArgs } from 'node:util';
import { findFault } from './faults/catalogue.ts';

export const USAGE = `Usage: npm run crash -- [options]

Runs rounds: real processes on real servers, traffic, faults, recovery, and a check from tables, log and ledger.

  --rounds N        how many rounds (default 1)
  --seed S          what they are made of; the rounds of a campaign are S/1, S/2, … (default: drawn)
  --fault A[,B …]   these faults in every round, all at once (default: each round draws some, over all families)
  --short           one round of each family of faults, several faults a round; ends with "N passed, N failed"
  --deliveries N    deliveries of a round (default 3000)
  --parallel N      rounds at a time, each on a stack of its own (default 1)
  --keep DIR        where the evidence of failed rounds goes (default: a new directory in the system's temporary one)
  --json            one line of JSON per round on stdout
  --root DIR        the checkout whose services run (default: this one)
  --list            prints the faults
  --help            prints this

Exit code 0: every round passed; 1: one did not, or could not be run; 2: wrong arguments.
`;

export interface Arguments {
  rounds: number;
  seed: string;
  /** Null: drawn for each round. */
  faults: string[] | null;
  short: boolean;
  deliveries: number;
  parallel: number;
  keep: string | null;
  json: boolean;
  root: string | null;
}

export type Parsed =
  | { does: 'run'; arguments: Arguments }
  | { does: 'list' }
  | { does: 'help' }
  | { does: 'refuse'; why: string };

/** @param draw makes a seed where none was given */
export function parseArguments(args: string[], draw: () => string): Parsed {
  try {
    const { values } = parseArgs({
      args,
      options: {
        rounds: { type: 'string', default: '1' },
        seed: { type: 'string' },
        fault: { type: 'string' },
        short: { type: 'boolean', default: false },
        deliveries: { type: 'string', default: '3000' },
        parallel: { type: 'string', default: '1' },
        keep: { type: 'string' },
        json: { type: 'boolean', default: false },
        root: { type: 'string' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { does: 'help' };
    if (values.list) return { does: 'list' };
    const faults = values.fault === undefined ? null : readFaults(values.fault);
    return {
      does: 'run',
      arguments: {
        rounds: whole('rounds', values.rounds),
        seed: values.seed ?? draw(),
        faults,
        short: values.short,
        deliveries: whole('deliveries', values.deliveries),
        parallel: whole('parallel', values.parallel),
        keep: values.keep ?? null,
        json: values.json,
        root: values.root ?? null,
      },
    };
  } catch (error) {
    return { does: 'refuse', why: (error as Error).message };
  }
}

function readFaults(text: string): string[] {
  const faults = text.split(',').map((name) => findFault(name.trim()));
  const losses = faults.filter(({ lose }) => lose).map(({ name }) => name);
  if (losses.length > 1) throw new Error(`${losses.join(', ')}: a round loses data once.`);
  return faults.map(({ name }) => name);
}

function whole(name: string, value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new Error(`--${name} is "${value}"; it must be a whole number above 0.`);
  return Number(value);
}

/** How a round can be had again. */
export function commandOf(seed: string, faults: readonly string[], deliveries: number): string {
  return `npm run crash -- --seed ${seed} --fault ${faults.join(',')} --deliveries ${deliveries}`;
}
