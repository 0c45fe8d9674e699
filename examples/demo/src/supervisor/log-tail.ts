import { readFile } from 'node:fs/promises';

const LINES = 15;
const MAX_LINE = 600;

/** The last lines of a log file, indented, for an error message. */
export async function logTail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.trimEnd().split('\n').slice(-LINES);
  const shown = lines.map((line) => `    ${line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line}`);
  return `End of ${file}:\n${text === '' ? '    (empty)' : shown.join('\n')}`;
}
