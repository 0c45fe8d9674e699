import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { CLI_EXIT, CommandEnd, failed } from './exit-codes.ts';

/** Where a question is asked, and answered. */
export interface Terminal {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: NodeJS.WritableStream;
}

/**
 * Asks the person at the terminal, unless that was answered by `--yes`. Only `y` or `yes` is a yes; Ctrl-C, Ctrl-D and the
 * end of the input are a no.
 *
 * @throws {CommandEnd} unless the answer is yes; also where there is no terminal: nobody can say yes, and nothing is done
 * unconfirmed
 */
export async function confirmed(
  question: string,
  yes: boolean,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): Promise<void> {
  if (yes || (await ask(question, terminal))) return;
  throw failed('Nothing was changed.');
}

async function ask(question: string, { input, output }: Terminal): Promise<boolean> {
  if (!input.isTTY) {
    throw new CommandEnd(
      CLI_EXIT.usage,
      'There is no terminal to ask at. Add --yes to confirm, once you have read this.',
    );
  }
  const lines = createInterface({ input, output });
  // Whoever hangs up answers nothing, and a question that waits for ever would end the process as if it had crashed.
  const hungUp = once(lines, 'close').then(() => null);
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `).catch(noAnswer), hungUp]);
    if (answer === null) output.write('\n');
    return answer !== null && /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}

function noAnswer(error: Error): null {
  if (error.name !== 'AbortError') throw error;
  return null;
}
