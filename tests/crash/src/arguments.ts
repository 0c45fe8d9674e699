import { parseArgs } from 'node:util';
import { contradictionOf, findFault } from './faults/catalogue.ts';
import { FAMILIES, type Family } from './faults/fault.ts';
import type { Bug } from './self-check/bug.ts';
import { BUGS, findBug } from './self-check/bugs/catalogue.ts';

export const USAGE = `Usage: npm run crash -- [options]

Runs rounds: real processes on real servers, traffic, faults, recovery, and a check from tables, log and ledger.

  --rounds N        how many rounds (default 1)
  --seed S          what they are made of; the rounds of a campaign are S/1, S/2, … (default: drawn)
  --fault A[,B …]   these faults in every round, all at once (default: each round draws some, over all families)
  --family F        a fault of this family in every round, and drawn ones of others with it
  --short           one round of each family of faults, several faults a round; ends with "N passed, N failed"
  --deliveries N    deliveries of a round (default 3000, in the short form 1200)
  --parallel N      rounds at a time, each on a stack of its own (default 1)
  --keep DIR        where the evidence of failed rounds goes (default: a new directory in the system's temporary one)
  --json            one line of JSON per round on stdout
  --root DIR        the checkout whose services run (default: this one)
  --self-check      seeds bugs in a copy of the checkout, one at a time: each must be caught (with --root, --parallel)
  --bug A[,B …]     these bugs only
  --list            prints the faults
  --list-bugs       prints the bugs
  --help            prints this

Exit code 0: every round passed, or every bug was caught; 1: one was not, or could not be run; 2: wrong arguments.
`;

export interface Arguments {
  rounds: number;
  seed: string;
  /** Null: drawn for each round. */
  faults: string[] | null;
  /** Null: each in turn. */
  family: Family | null;
  short: boolean;
  deliveries: number;
  parallel: number;
  keep: string | null;
  json: boolean;
  root: string | null;
}

export type Parsed =
  | { does: 'run'; arguments: Arguments }
  | { does: 'self-check'; bugs: Bug[]; parallel: number; root: string | null }
  | { does: 'list' }
  | { does: 'list-bugs' }
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
        family: { type: 'string' },
        short: { type: 'boolean', default: false },
        deliveries: { type: 'string' },
        parallel: { type: 'string', default: '1' },
        keep: { type: 'string' },
        json: { type: 'boolean', default: false },
        root: { type: 'string' },
        list: { type: 'boolean', default: false },
        'self-check': { type: 'boolean', default: false },
        bug: { type: 'string' },
        'list-bugs': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { does: 'help' };
    if (values.list) return { does: 'list' };
    if (values['list-bugs']) return { does: 'list-bugs' };
    if (values['self-check'] || values.bug !== undefined) {
      const bugs = values.bug === undefined ? [...BUGS] : values.bug.split(',').map((name) => findBug(name.trim()));
      return { does: 'self-check', bugs, parallel: whole('parallel', values.parallel), root: values.root ?? null };
    }
    const faults = values.fault === undefined ? null : readFaults(values.fault);
    return {
      does: 'run',
      arguments: {
        rounds: whole('rounds', values.rounds),
        seed: values.seed ?? draw(),
        faults,
        family: values.family === undefined ? null : readFamily(values.family),
        short: values.short,
        deliveries: whole('deliveries', values.deliveries ?? (values.short ? '1200' : '3000')),
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
  const contradiction = contradictionOf(faults);
  if (contradiction !== null) throw new Error(contradiction);
  return faults.map(({ name }) => name);
}

function readFamily(text: string): Family {
  const family = FAMILIES.find((one) => one === text);
  if (!family) throw new Error(`There is no family "${text}". There are: ${FAMILIES.join(', ')}.`);
  return family;
}

function whole(name: string, value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new Error(`--${name} is "${value}"; it must be a whole number above 0.`);
  return Number(value);
}

/** How a round can be had again. */
export function commandOf(seed: string, faults: readonly string[], deliveries: number): string {
  return `npm run crash -- --seed ${seed} --fault ${faults.join(',')} --deliveries ${deliveries}`;
}
