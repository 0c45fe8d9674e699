import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { WebhookRequest } from './request.ts';
import { sendLanes } from './send.ts';

let server: Server | undefined;
afterEach(() => server?.close().closeAllConnections());

async function listen(listener: (incoming: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  server = createServer((incoming, response) => void listener(incoming, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const request: WebhookRequest = {
  kind: 'delivery',
  name: 'test',
  method: 'POST',
  path: '/hook',
  headers: { 'X-Test': 'yes' },
  body: Buffer.from('{}'),
  expected: { status: 202, code: 'accepted' },
  guid: undefined,
  delivery: undefined,
};
const { signal } = new AbortController();

describe('sendLanes', () => {
  it('sends each lane in order, the next only after the answer to the last, and lanes side by side', async () => {
    const seen: string[] = [];
    // Lane a's first answer waits for lane b's first request, and the other way round.
    const arrived = { a: Promise.withResolvers<void>(), b: Promise.withResolvers<void>() };
    const origin = await listen(async (incoming, response) => {
      const [lane, other] = incoming.url!.startsWith('/a') ? (['a', 'b'] as const) : (['b', 'a'] as const);
      arrived[lane].resolve();
      seen.push(incoming.url!);
      await arrived[other].promise;
      seen.push(`answer to ${incoming.url}`);
      response.writeHead(202).end('{"status":"accepted"}');
    });
    const lane = (name: string) => [1, 2].map((i) => ({ ...request, path: `/${name}${i}` }));
    const exchanges = await sendLanes(origin, [lane('a'), lane('b')], signal);
    expect(exchanges.map((it) => it.request.path)).toEqual(['/a1', '/a2', '/b1', '/b2']);
    expect(exchanges.every(({ answer }) => answer.status === 202 && answer.code === 'accepted')).toBe(true);
    for (const name of ['a', 'b']) {
      const story = seen.filter((event) => event.includes(`/${name}`));
      expect(story).toEqual([`/${name}1`, `answer to /${name}1`, `/${name}2`, `answer to /${name}2`]);
    }
  });

  it.each([
    [400, '{"code":"NOT_JSON","status":400}', 'NOT_JSON'],
    [202, '{"status":"ignored"}', 'ignored'],
    [502, '<html>', 'an answer that is not JSON'],
  ])('reads a %i', async (status, body, code) => {
    const origin = await listen((_incoming, response) => response.writeHead(status).end(body));
    expect(await sendLanes(origin, [[request]], signal)).toEqual([{ request, answer: { status, code } }]);
  });

  it('goes on after a request that got no answer', async () => {
    const origin = await listen((incoming, response) => {
      if (incoming.url === '/cut') incoming.destroy();
      else response.writeHead(202).end('{"status":"accepted"}');
    });
    const exchanges = await sendLanes(origin, [[{ ...request, path: '/cut' }, request]], signal);
    expect(exchanges.map(({ answer }) => answer)).toEqual([
      { status: 0, code: 'ECONNRESET' },
      { status: 202, code: 'accepted' },
    ]);
  });

  it('stops writing an endless body at the answer', async () => {
    const length = 2 ** 40;
    const origin = await listen((_incoming, response) => response.writeHead(413).end('{"code":"BODY_TOO_LARGE"}'));
    const body = { framing: 'chunked', length } as const;
    expect((await sendLanes(origin, [[{ ...request, body }]], signal))[0]?.answer.status).toBe(413);
  });

  it('sends a body to its end where nobody answers before', async () => {
    const length = 100_000;
    const origin = await listen(async (incoming, response) => {
      let received = 0;
      for await (const chunk of incoming) received += (chunk as Buffer).length;
      response.writeHead(202).end(JSON.stringify({ status: received }));
    });
    for (const [framing, headers] of [
      ['declared', { 'Content-Length': String(length) }],
      ['chunked', {}],
    ] as const) {
      const [exchange] = await sendLanes(origin, [[{ ...request, headers, body: { framing, length } }]], signal);
      expect(exchange?.answer).toEqual({ status: 202, code: String(length) });
    }
  });

  it('is stopped between two requests', async () => {
    const controller = new AbortController();
    const origin = await listen((_incoming, response) => {
      controller.abort(new Error('stop'));
      response.writeHead(202).end('{}');
    });
    await expect(sendLanes(origin, [[request, request]], controller.signal)).rejects.toThrow('stop');
  });
});
