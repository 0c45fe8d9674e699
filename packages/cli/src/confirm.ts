import { createInterface } from 'node:readline/promises';
import { CLI_EXIT, CommandEnd, failed } from './exit-codes.ts';

/** Asks, unless that was answered by `--yes`. @throws {CommandEnd} unless the answer is yes */
export async function confirmed(question: string, yes: boolean): Promise<void> {
  if (yes || (await confirmOnTerminal(question))) return;
  throw failed('Nothing was changed.');
}

/**
 * Asks the person at the terminal; only `y` or `yes` is a yes.
 *
 * @throws {CommandEnd} where there is no terminal: nobody can say yes, and nothing is done unconfirmed
 */
async function confirmOnTerminal(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new CommandEnd(
      CLI_EXIT.usage,
      'There is no terminal to ask at. Add --yes to confirm, once you have read this.',
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
