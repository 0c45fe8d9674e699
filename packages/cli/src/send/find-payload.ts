import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { CLI_EXIT, CommandEnd } from '../exit-codes.ts';
import { loadExamples } from './examples.ts';

export interface FoundPayload {
  json: Buffer;
  /** Null where nobody but the sender knows. */
  event: string | null;
}

/**
 * What is to be sent: `-` for stdin, the name of an example, else a file, whose bytes are taken as they are.
 *
 * @throws {CommandEnd} where there is no such thing; it says what there is
 */
export async function findPayload(what: string): Promise<FoundPayload> {
  if (what === '-') return { json: await buffer(process.stdin), event: null };
  const examples = loadExamples();
  const example = examples?.find(({ name }) => name === what);
  if (example) return { json: Buffer.from(example.json), event: example.event };
  try {
    return { json: await readFile(what), event: null };
  } catch (error) {
    const hint = examples
      ? 'hookline send --list names the examples.'
      : 'There are no examples here: they come with @octokit/webhooks-examples, which is not installed.';
    throw new CommandEnd(CLI_EXIT.usage, `There is no example and no file ${what} (${String(error)}). ${hint}`);
  }
}
