import type { Page, PageRequest } from '@hookline/database';
import { InvalidArgumentError, type Command } from 'commander';
import { CLI_EXIT, CommandEnd } from '../exit-codes.ts';
import { toJson } from '../json.ts';
import type { Output } from '../output.ts';
import { parse } from '../parse.ts';
import { table, type Cell } from '../table.ts';

export interface ListArguments {
  limit: number;
  after?: string[];
  json?: true;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;

/** Adds what every list has: a page's size and place, and the form of the output. */
export function withListOptions(command: Command): Command {
  return command
    .option('--limit <number>', `rows of a page, at most ${MAX_LIMIT}`, parseLimit, DEFAULT_LIMIT)
    .option('--after <cursor>', 'go on where a page before ended', parseCursor)
    .option('--json', 'print JSON');
}

function parseLimit(text: string): number {
  const limit = Number(parse(text, /^\d{1,4}$/, `a number from 1 to ${MAX_LIMIT}`));
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`It must be a number from 1 to ${MAX_LIMIT}.`);
}

/** The cursor of a page says which list it is of: another one's would be understood as something else. */
function parseCursor(text: string): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts.length > 0 && parts.every((part) => typeof part === 'string')) return parts;
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('It must be what the page before has printed.');
}

/** The page that is asked for of the list of this name. */
export function pageRequest(name: string, { limit, after }: ListArguments): PageRequest {
  if (after === undefined) return { limit, after: null };
  const [of, ...parts] = after;
  if (of === name) return { limit, after: parts };
  throw new CommandEnd(CLI_EXIT.usage, `The cursor of --after is of another list: ${of}.`);
}

export interface Shown<T> {
  name: string;
  columns: readonly string[];
  cells: (row: T) => readonly Cell[];
}

/** Prints a page: a table for people, or JSON with the rows under the list's name and the cursor of the next page. */
export function printPage<T>(page: Page<T>, { name, columns, cells }: Shown<T>, json: boolean, output: Output): void {
  const next = page.next && Buffer.from(JSON.stringify([name, ...page.next])).toString('base64url');
  if (json) return output.data(toJson({ [name]: page.rows, next }));
  if (page.rows.length === 0) return output.progress('There are none.');
  for (const line of table(
    columns,
    page.rows.map((row) => cells(row)),
  )) {
    output.data(line);
  }
  if (next) output.progress(`There are more: --after ${next}`);
}
