import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { ask } from '../../../scripts/images/engine.ts';
import type { ComposedSystem } from './compose.ts';

/** `hookline …` in the composed system. */
function hookline({ compose }: ComposedSystem, args: readonly string[], input?: string): string {
  return compose(['run', '--rm', '-T', 'cli', ...args], input);
}

const AS_ADMINISTRATOR =
  'PGPASSWORD=$(< /run/secrets/administrator/postgres-password) ' +
  'exec psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -U postgres -d hookline';

/** The tables that the example handlers write, made by whoever owns the database. */
export function createExampleTables({ compose }: ComposedSystem, root: string): void {
  for (const file of ['board.sql', 'labels.sql', 'stars.sql']) {
    const sql = readFileSync(join(root, 'examples/handlers/src', file), 'utf8');
    compose(['exec', '-T', 'postgres', 'bash', '-c', AS_ADMINISTRATOR], sql);
  }
}

interface Opened {
  action?: string;
  issue?: { author_association: string };
}

/**
 * A signed payload goes the whole way: accepted, processed by the users' handlers, an effect of theirs asked for. A second
 * arrival and a forgery are told apart.
 */
export async function checkDelivery(system: ComposedSystem, root: string): Promise<string> {
  const examples = createRequire(join(root, 'packages/cli/package.json'))('@octokit/webhooks-examples') as {
    name: string;
    examples: Opened[];
  }[];
  const opened = examples.find(({ name }) => name === 'issues')?.examples.find(({ action }) => action === 'opened');
  assert(opened?.issue !== undefined);
  // Whom the handler `welcome` greets.
  const payload = JSON.stringify({ ...opened, issue: { ...opened.issue, author_association: 'NONE' } });
  const guid = randomUUID();
  const send = (...more: string[]) =>
    textOf(() => hookline(system, ['send', '-', '--event', 'issues', '--guid', guid, ...more], payload));
  assert.match(send('--secret', 'not the secret'), /(^|: )401 /m);
  assert.match(send(), /(^|: )202 /m);
  const story = await untilTold(() => hookline(system, ['trace', guid]), /: processed\./);
  assert.match(story, /welcome/, `the handlers of the image that was extended must have run:\n${story}`);
  assert.match(send(), /(^|: )409 /m);
  return guid;
}

/** Asks again until the answer is there; a minute is far more than it takes. */
async function untilTold(tell: () => string, wanted: RegExp): Promise<string> {
  const end = Date.now() + 60_000;
  for (;;) {
    const told = textOf(tell);
    if (wanted.test(told)) return told;
    if (Date.now() > end) throw new Error(`${String(wanted)} was not told within a minute:\n${told}`);
    await pause(500);
  }
}

/** What a command printed, or how it complained: `trace` fails while nothing is known. */
function textOf(tell: () => string): string {
  try {
    return tell();
  } catch (error) {
    return String(error);
  }
}

/** SIGTERM reaches Node.js as process 1: the service says that it has stopped, and ends with 0. */
export function checkStop(engine: string, system: ComposedSystem, service: string): void {
  const container = system.container(service);
  system.compose(['stop', service]);
  assert.equal(
    ask(engine, ['inspect', '--format', '{{.State.ExitCode}}', container]),
    '0',
    `${service} must end with 0`,
  );
  assert.match(ask(engine, ['logs', '--tail', '5', container]), /"msg":"stopped"/);
}
