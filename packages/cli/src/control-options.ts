import { Option, type Command } from 'commander';
import { actorOf } from './actor.ts';
import { parse } from './parse.ts';

/** Where a command is written: into the log, or for a partition that does not read into a table of the database. */
export type Via = 'log' | 'table';

/** A decision, but for what it is about. */
export interface Decision {
  actor: string;
  why: string;
  /** Null: as the partition's state asks for. */
  via: Via | null;
  /** How long to wait for the outcome, in milliseconds; 0: not at all. */
  waitMs: number;
  yes: boolean;
  json: boolean;
}

export interface DecisionArguments {
  why: string;
  as?: string;
  via?: Via;
  wait: number;
  yes?: true;
  json?: true;
}

/** Adds what every decision has: who and why, how it is written, how long its outcome is waited for. */
export function withDecisionOptions(command: Command): Command {
  return command
    .addOption(whyOption())
    .addOption(asOption())
    .addOption(
      new Option(
        '--via <way>',
        'into the log, or for an owner that does not read; default: as the partition is',
      ).choices(['log', 'table']),
    )
    .addOption(waitOption(30))
    .option('--json', 'print JSON');
}

/** Why something is decided. */
export function whyOption(): Option {
  return new Option('--why <text>', 'the reason, for the audit')
    .argParser((text: string) => parse(text.trim(), /./, 'a reason'))
    .makeOptionMandatory();
}

/** Who decides, as `actorOf` understands it. */
export function asOption(): Option {
  return new Option('--as <actor>', 'who decides; default HOOKLINE_ACTOR, else the user of this system at this host');
}

/** How many seconds to wait. */
export function waitOption(seconds: number, description = 'how long to wait for the outcome; 0: not at all'): Option {
  return new Option('--wait <seconds>', description)
    .argParser((text: string) => Number(parse(text, /^\d{1,6}$/, 'whole seconds')))
    .default(seconds);
}

/** Adds `--yes`, to a decision that asks. */
export function withQuestion(command: Command): Command {
  return command.option('--yes', 'do not ask');
}

export function decisionOf({ why, as, via, wait, yes, json }: DecisionArguments, env: NodeJS.ProcessEnv): Decision {
  const actor = actorOf(as, env);
  return { actor, why, via: via ?? null, waitMs: wait * 1000, yes: yes ?? false, json: json ?? false };
}
