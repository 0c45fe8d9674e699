import { VERSION } from '@hookline/contracts';
import { HooklineError } from '@hookline/runtime';
import { Command, CommanderError } from 'commander';
import { addCompletionCommand } from './completion/completion-command.ts';
import { addDeadLettersCommand } from './dead-letters-command.ts';
import { addEffectsCommand } from './effects-command.ts';
import { addEraseCommand } from './erase-command.ts';
import { CLI_EXIT, CommandEnd } from './exit-codes.ts';
import { addLanesCommand } from './lanes-command.ts';
import { messageOf } from './message-of.ts';
import { addMigrateCommand } from './migrate-command.ts';
import type { Output } from './output.ts';
import { addPartitionsCommand } from './partitions-command.ts';
import { addReplaysCommand } from './replays-command.ts';
import { addDeliveriesCommand } from './reading/deliveries-command.ts';
import { addRetentionCommand } from './retention-command.ts';
import { addTraceCommand } from './reading/trace-command.ts';
import { addSendCommand } from './send/send-command.ts';
import { BadSettings } from './settings.ts';
import { addTopicsCommand } from './topics-command.ts';
import { addVerifyCommand } from './verify/verify-command.ts';

const SETTINGS = `
Settings are environment variables (HOOKLINE_DATABASE_URL, HOOKLINE_KAFKA_BROKERS, …). What they do not say is that of
the system that npm start runs, by .hookline/local.json in this directory or above, or by HOOKLINE_LOCAL_FILE.`;

/**
 * Runs one command line; returns the exit code, a value of {@link CLI_EXIT}. Throws nothing: every problem is told on
 * stderr.
 *
 * @param args without the program's own name
 */
export async function runProgram(args: readonly string[], output: Output): Promise<number> {
  try {
    await createProgram(output).parseAsync(args, { from: 'user' });
    return CLI_EXIT.ok;
  } catch (error) {
    return explain(error, output);
  }
}

/** Every command that there is. */
export function createProgram(output: Output): Command {
  const program = new Command('hookline')
    .description('Operate Hookline: GitHub webhooks whose effects happen once, in order, per repository.')
    .version(VERSION, '-V, --version', 'print the version')
    .addHelpText('after', SETTINGS)
    .configureOutput({
      writeOut: (text) => output.data(text.trimEnd()),
      writeErr: (text) => output.progress(text.trimEnd()),
    })
    .showHelpAfterError('(`hookline --help` lists the commands)')
    .exitOverride();
  addMigrateCommand(program, output);
  addTopicsCommand(program, output);
  addPartitionsCommand(program, output);
  addDeliveriesCommand(program, output);
  addLanesCommand(program, output);
  addDeadLettersCommand(program, output);
  addReplaysCommand(program, output);
  addEffectsCommand(program, output);
  addRetentionCommand(program, output);
  addEraseCommand(program, output);
  addTraceCommand(program, output);
  addVerifyCommand(program, output);
  addSendCommand(program, output);
  addCompletionCommand(program, output);
  return program;
}

function explain(error: unknown, output: Output): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? CLI_EXIT.ok : CLI_EXIT.usage;
  if (error instanceof BadSettings) {
    output.progress(`The settings are wrong:\n${error.message}`);
    return CLI_EXIT.usage;
  }
  if (error instanceof CommandEnd) {
    output.progress(error.message);
    return error.exitCode;
  }
  const code = error instanceof HooklineError ? `${error.code}: ` : '';
  output.progress(`${code}${messageOf(error)}`);
  return CLI_EXIT.failed;
}
