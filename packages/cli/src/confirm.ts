import { createInterface } from 'node:readline/promises';
import { CLI_EXIT, CommandEnd } from './exit-codes.ts';

/**
 * Asks the person at the terminal; only `y` or `yes` is a yes.
 *
 * @throws {CommandEnd} where there is no terminal: nobody can say yes, and nothing is done unconfirmed
 */
export async function confirmOnTerminal(question: string): Promise<boolean> {
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
