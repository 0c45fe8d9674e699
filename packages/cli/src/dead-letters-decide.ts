import { randomUUID } from 'node:crypto';
import { Option, type Command } from 'commander';
import { parseRate } from './bulk-rate.ts';
import { runBulk } from './bulk-run.ts';
import { decisionOf, withDecisionOptions, withQuestion, type DecisionArguments } from './control-options.ts';
import { CLI_EXIT, CommandEnd } from './exit-codes.ts';
import type { Output } from './output.ts';
import { parse } from './parse.ts';
import { controlOptions, settings } from './settings.ts';

interface BulkArguments extends DecisionArguments {
  state?: 'dead' | 'discarded';
  fingerprint?: string;
  key?: string;
  handler?: string;
  rate: number;
  bulk?: string;
}

const DEFAULT_RATE = 100;

/** Adds the decisions about dead letters to `hookline dead-letters`. */
export function addDeadLetterDecisions(deadLetters: Command, output: Output): void {
  const add = (command: 'redrive' | 'discard', description: string) =>
    withQuestion(withDecisionOptions(deadLetters.command(command).description(description)))
      .argument('[ids...]', 'numbers of dead letters', (text: string, before?: bigint[]) => [
        ...(before ?? []),
        BigInt(parse(text, /^\d{1,18}$/, 'the number of a dead letter')),
      ])
      .option('--fingerprint <digits>', 'those of this error')
      .option('--key <key>', 'those of this ordering key, as github.com/repository/<id>')
      .option('--handler <name>', 'those of this handler')
      .option('--rate <number>', 'commands a second; 0: as many as go', parseRate, DEFAULT_RATE)
      .option('--bulk <id>', 'go on with a bulk that was stopped', (text: string) =>
        parse(text, /^[A-Za-z0-9._-]{1,64}$/, 'the id that was printed'),
      )
      .action((ids: bigint[] | undefined, given: BulkArguments) => decideDead(command, ids ?? [], given, output));

  add('redrive', 'run the handlers again that have failed for good').addOption(
    new Option(
      '--state <word>',
      'those that are dead, or were discarded; default: dead, but for numbers whichever they are',
    ).choices(['dead', 'discarded']),
  );
  add('discard', 'settle dead letters without running them again');
}

async function decideDead(
  command: 'redrive' | 'discard',
  ids: readonly bigint[],
  given: BulkArguments,
  output: Output,
): Promise<void> {
  const { fingerprint = null, key: orderingKey = null, handler = null, state = null, rate, bulk } = given;
  const selection = { ids: ids.length > 0 ? ids : null, fingerprint, orderingKey, handler };
  if (Object.values(selection).every((one) => one === null)) {
    throw new CommandEnd(CLI_EXIT.usage, 'Say which: by number, --fingerprint, --key or --handler.');
  }
  const request = {
    command,
    state,
    selection,
    bulkId: bulk ?? randomUUID(),
    again: bulk !== undefined,
    perSecond: rate === 0 ? null : rate,
  };
  await runBulk(settings(controlOptions, process.env), request, decisionOf(given, process.env), output);
}
