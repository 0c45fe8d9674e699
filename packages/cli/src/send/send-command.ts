import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { CLI_EXIT, CommandEnd, failed } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { parseGuid } from '../parse.ts';
import { sendOptions, settings } from '../settings.ts';
import { loadExamples } from './examples.ts';
import { findPayload } from './find-payload.ts';
import { post, type Answer } from './post.ts';

interface SendArguments {
  event?: string;
  guid?: string;
  form?: true;
  url?: string;
  secret?: string;
  list?: true;
  json?: true;
}

/** `hookline send`. */
export function addSendCommand(program: Command, output: Output): void {
  program
    .command('send')
    .description('sign a payload and post it as GitHub does; prints the answer, and fails with it')
    .argument('[file|example]', 'file with a JSON payload, - for stdin, or the name of an example (--list)')
    .option('--event <name>', "GitHub's event; default: the example's")
    .option('--guid <uuid>', 'identifies the delivery, the same twice is a redelivery; default: a new one', parseGuid)
    .option('--form', 'encode the payload as a form')
    .option('--url <url>', "where to post it; default HOOKLINE_INGEST_URL, else the local system's ingest")
    .option('--secret <text>', 'seen by everybody on this host: better HOOKLINE_WEBHOOK_SECRET, or its _FILE')
    .option('--list', 'list the examples, and send nothing')
    .option('--json', 'print JSON')
    .action(async (what: string | undefined, { list, ...given }: SendArguments) => {
      if (list) return listExamples(given.json ?? false, output);
      if (what === undefined)
        throw usage('Name a file or an example to send; hookline send --list names the examples.');
      await send(what, given, output);
    });
}

function listExamples(json: boolean, output: Output): void {
  const examples = loadExamples();
  if (!examples) throw failed('@octokit/webhooks-examples is not installed here.');
  if (json) return output.data(JSON.stringify({ examples: examples.map(({ name, event }) => ({ name, event })) }));
  for (const { name } of examples) output.data(name);
}

async function send(what: string, given: SendArguments, output: Output): Promise<void> {
  if (given.secret !== undefined) {
    output.progress('The secret was given on the command line: whoever lists the processes of this host has seen it.');
  }
  const config = settings(sendOptions, {
    ...process.env,
    ...(given.url !== undefined && { HOOKLINE_INGEST_URL: given.url }),
    ...(given.secret !== undefined && { HOOKLINE_WEBHOOK_SECRET: given.secret, HOOKLINE_WEBHOOK_SECRET_FILE: '' }),
  });
  const payload = await findPayload(what);
  const event = given.event ?? payload.event;
  if (event === null)
    throw usage('Nothing but --event says what event a file holds, as GitHub would in X-GitHub-Event.');
  const guid = given.guid ?? randomUUID();
  const url = config.ingestUrl;
  output.progress(`Posting ${event}, ${payload.json.length} bytes, to ${url}.`);
  const answer = await post({ url, secret: config.webhookSecret, event, guid, json: payload.json, form: !!given.form });
  output.data(given.json ? JSON.stringify({ guid, event, url, ...answer }) : line(guid, answer));
  if (answer.status === null || answer.status >= 300) throw failed(problem(url, answer));
}

const line = (guid: string, { status, code }: Answer) => [status ?? 'no answer', code, guid].filter(Boolean).join('  ');

function problem(url: string, { status, detail }: Answer): string {
  if (status === null) return `No answer came from ${url}: ${detail}. Check that ingest runs, and the URL.`;
  return detail ?? `${url} answered ${status}, and not as an ingest of Hookline does.`;
}

const usage = (message: string) => new CommandEnd(CLI_EXIT.usage, message);
