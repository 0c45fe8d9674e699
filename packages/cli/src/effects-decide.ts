import { randomUUID } from 'node:crypto';
import { Option, type Command } from 'commander';
import { parseRate } from './bulk-rate.ts';
import { decisionOf, withDecisionOptions, withQuestion, type DecisionArguments } from './control-options.ts';
import { runEffectBulk } from './effects-run.ts';
import { CLI_EXIT, CommandEnd } from './exit-codes.ts';
import type { Output } from './output.ts';
import { parse, parseGuid } from './parse.ts';
import { controlOptions, settings } from './settings.ts';

interface EffectArguments extends DecisionArguments {
  kind?: string;
  handler?: string;
  key?: string;
  reason?: string;
  rate: number;
  bulk?: string;
}

const DEFAULT_RATE = 100;

/** Adds the decisions about dead effects to `hookline effects`. */
export function addEffectDecisions(effects: Command, output: Output): void {
  const add = (command: 'redrive' | 'discard', description: string) =>
    withQuestion(withDecisionOptions(effects.command(command).description(description)))
      .argument('[ids...]', 'ids of effects', (text: string, before?: string[]) => [
        ...(before ?? []),
        parseGuid(text, 'the id of an effect'),
      ])
      .option('--kind <name>', 'those of this kind, as github.comment')
      .option('--handler <name>', 'those of this handler; of a route: route:<name>')
      .option('--key <key>', 'those of this ordering key, as github.com/repository/<id>')
      .addOption(new Option('--reason <word>', 'those that are dead for this').choices([...DEATHS]))
      .option('--rate <number>', 'commands a second; 0: as many as go', parseRate, DEFAULT_RATE)
      .option('--bulk <id>', 'go on with a bulk that was stopped', (text: string) =>
        parse(text, /^[A-Za-z0-9._-]{1,64}$/, 'the id that was printed'),
      )
      .action((ids: string[] | undefined, given: EffectArguments) => decideEffects(command, ids ?? [], given, output));

  add('redrive', 'send what is dead after all, behind what waits');
  add('discard', 'settle what is dead without sending it');
}

/** Why effects are dead. */
export const DEATHS = ['refused', 'exhausted', 'ambiguous'] as const;

async function decideEffects(
  command: 'redrive' | 'discard',
  ids: readonly string[],
  given: EffectArguments,
  output: Output,
): Promise<void> {
  const { kind = null, handler = null, key: orderingKey = null, reason = null, rate, bulk } = given;
  const selection = { ids: ids.length > 0 ? ids : null, kind, handler, orderingKey, reason };
  if (Object.values(selection).every((one) => one === null)) {
    throw new CommandEnd(CLI_EXIT.usage, 'Say which: by id, --kind, --handler, --key or --reason.');
  }
  const request = {
    command: `${command}-effect` as const,
    selection,
    bulkId: bulk ?? randomUUID(),
    again: bulk !== undefined,
    perSecond: rate === 0 ? null : rate,
  };
  await runEffectBulk(settings(controlOptions, process.env), request, decisionOf(given, process.env), output);
}
