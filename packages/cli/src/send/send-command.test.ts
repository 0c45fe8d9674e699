import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { readDeliveryHeaders, readPayload, verifySignature } from '@hookline/github';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runHere } from '../testing/run-here.ts';
import { runHookline, type Ran } from '../testing/run-hookline.ts';
import { loadExamples } from './examples.ts';

const SECRET = 'a secret of the tests';
const GUID = '5d1b2c00-0000-4000-8000-00000000000a';

let server: Server;
let url: string;
let directory: string;
let file: string;
let received: { headers: IncomingHttpHeaders; body: Buffer }[];
let answer: { status: number; body: string };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hookline-send-'));
  file = join(directory, 'payload.json');
  // Spaces and letters that another encoding would change: the bytes are sent as they are.
  await writeFile(file, '{ "zen": "Größe & 100 %" }\n');
  server = createServer((request, response) => {
    void buffer(request).then((body) => {
      received.push({ headers: request.headers, body });
      response.writeHead(answer.status).end(answer.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/main`;
});
beforeEach(() => {
  received = [];
  answer = { status: 202, body: '{"status":"accepted"}' };
});
afterAll(async () => {
  server.close();
  await rm(directory, { recursive: true, force: true });
});

function send(args: string[], settings: Record<string, string> = {}, run = runHere): Promise<Ran> {
  return run(['send', ...args], {
    HOOKLINE_INGEST_URL: url,
    HOOKLINE_WEBHOOK_SECRET: SECRET,
    ...settings,
  });
}

describe('hookline send', () => {
  it.each([
    [[], 'json'],
    [['--form'], 'form'],
  ] as const)('posts a file as GitHub would, so that ingest takes it: %j', async (args, encoding) => {
    const ran = await send([file, '--event', 'ping', '--guid', GUID.toUpperCase(), ...args], {}, runHookline);
    expect(ran).toEqual({
      exitCode: 0,
      stdout: `202  accepted  ${GUID}\n`,
      stderr: `Posting ping, 29 bytes, to ${url}.\n`,
    });
    const [{ headers, body }] = received as [(typeof received)[0]];
    expect(readDeliveryHeaders(headers)).toMatchObject({ success: true, headers: { guid: GUID, event: 'ping' } });
    const signatureHeader = String(headers['x-hub-signature-256']);
    const secrets = [{ label: 'test', secret: SECRET }];
    expect(verifySignature({ body, signatureHeader, secrets }).success).toBe(true);
    expect(readPayload(body, encoding)).toMatchObject({ success: true, text: '{ "zen": "Größe & 100 %" }\n' });
  });

  it('posts an example under its event, each time as a delivery of its own', async () => {
    const runs = [await send(['issues.opened', '--json']), await send(['issues.opened', '--json'])];
    const answers = runs.map(({ stdout }) => JSON.parse(stdout) as { guid: string });
    expect(answers[0]).toEqual({
      guid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      event: 'issues',
      url,
      status: 202,
      code: 'accepted',
      detail: null,
    });
    expect(answers[0]?.guid).not.toBe(answers[1]?.guid);
    expect(JSON.parse(String(received[0]?.body))).toMatchObject({ action: 'opened' });
  });

  it('lists examples by names that are unique', async () => {
    const names = (await send(['--list'])).stdout.trimEnd().split('\n');
    expect(names.length).toBe(loadExamples()?.length);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['ping', 'issues.opened', 'check_run.created.2']));
    const { examples } = JSON.parse((await send(['--list', '--json'])).stdout) as { examples: unknown[] };
    expect(examples).toContainEqual({ name: 'check_run.created.2', event: 'check_run' });
  });

  it('fails with the answer, and says what ingest said', async () => {
    answer = { status: 401, body: '{"code":"SIGNATURE_MISMATCH","detail":"No secret of the source …"}' };
    expect(await send(['ping', '--guid', GUID])).toMatchObject({
      exitCode: 1,
      stdout: `401  SIGNATURE_MISMATCH  ${GUID}\n`,
      stderr: expect.stringContaining('No secret of the source …'),
    });
  });

  it.each([['{"neither":"nor"}'], ['<html>'], ['null']])(
    'says of an answer like %s that it is not ours',
    async (body) => {
      answer = { status: 502, body };
      const { exitCode, stderr } = await send(['ping']);
      expect(exitCode).toBe(1);
      expect(stderr).toContain('answered 502, and not as an ingest of Hookline does');
    },
  );

  it('fails where no answer comes', async () => {
    const { exitCode, stdout, stderr } = await send(['ping', '--guid', GUID, '--url', 'http://127.0.0.1:3/x']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: `no answer  ${GUID}\n` });
    expect(stderr).toMatch(/No answer came from http:\/\/127\.0\.0\.1:3\/x: .*ECONNREFUSED/);
  });

  it('takes a secret from the command line, and says who has seen it', async () => {
    const { exitCode, stderr } = await send(['ping', '--secret', 'another'], { HOOKLINE_WEBHOOK_SECRET: '' });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('whoever lists the processes of this host has seen it');
    expect(stderr).not.toContain('another');
  });

  it.each([
    [[], 'Name a file or an example'],
    [['nothing.of.that.name'], 'There is no example and no file nothing.of.that.name'],
    [['ping', '--guid', 'x'], 'It must be a GUID'],
  ])('refuses %j as wrongly typed', async (args, told) => {
    const { exitCode, stdout, stderr } = await send(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(told);
  });

  it('does not guess the event of a file, nor a secret', async () => {
    expect((await send([file])).stderr).toContain('--event');
    const { exitCode, stderr } = await send(['ping'], { HOOKLINE_WEBHOOK_SECRET: '' });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('HOOKLINE_WEBHOOK_SECRET is not set');
    expect(received).toEqual([]);
  });
});
