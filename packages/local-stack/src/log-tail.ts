import { readFile } from 'node:fs/promises';

const LINES = 20;

/** The last lines of a log file, indented, for an error message; empty when there is no log. */
export async function logTail(file: string): Promise<string> {
  return tail(await readFile(file, 'utf8').catch(() => ''));
}

export function tail(text: string): string {
  const lines = text.trimEnd().split('\n').slice(-LINES);
  return lines.join('') === '' ? '' : lines.map((line) => `\n    ${line}`).join('');
}
