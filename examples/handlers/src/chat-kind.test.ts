import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Attempt, SendableEffect } from '@hookline/handlers';
import kinds from './chat-kind.ts';

const asked: string[] = [];
let status = 200;
let chat: Server;

beforeAll(async () => {
  chat = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => void chat.listen(0, '127.0.0.1', resolve));
  process.env['CHAT_URL'] = `http://127.0.0.1:${(chat.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => void chat.close(resolve)));

let begun = 0;
const attempt: Attempt = {
  effectId: 'e',
  number: 1,
  signal: AbortSignal.timeout(30_000),
  deadlineMs: 30_000,
  begin: () => void begun++,
};

const send = (request: object) => kinds[0]?.send({ effectId: 'e', request } as unknown as SendableEffect, attempt);

it('says a message under its id, having told that it begins', async () => {
  expect(await send({ room: 'all', text: 'Hello' })).toEqual({ outcome: 'sent', result: { status: 200 } });
  expect(asked).toEqual(['PUT /rooms/all/messages/e']);
  expect(begun).toBe(1);
});

it.each([
  [429, 'limited'],
  [503, 'failed'],
  [404, 'refused'],
])('takes %d for %s', async (answered, outcome) => {
  status = answered;
  expect(await send({ room: 'all', text: 'Hello' })).toMatchObject({ outcome });
});

it('begins nothing for a request that is none', async () => {
  const before = begun;
  expect(await send({ room: 'all' })).toMatchObject({ outcome: 'refused' });
  expect(begun).toBe(before);
});
