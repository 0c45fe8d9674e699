import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifySignature } from '@hookline/github';
import { expect, it } from '@jest/globals';
import { SECRET } from './deliveries.ts';
import { postAtRate } from './post-at-rate.ts';
import { postAll } from './post-prepared.ts';
import { openRawClient, prepareRequests, readAnswer } from './raw-http.ts';

// A client that misreads an answer, or takes one for another's, would have every door measured wrongly.
async function withServer(listener: RequestListener, work: (url: string, connections: Set<number>) => Promise<void>) {
  const connections = new Set<number>();
  const server = createServer((request, response) => {
    connections.add(request.socket.remotePort ?? 0);
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/main`, connections);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

it('sends requests that their receiver can verify, each whole, on as few connections as are needed', async () => {
  const verified: boolean[] = [];
  const verify: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const signatureHeader = request.headers['x-hub-signature-256'] as string;
      const secrets = [{ label: 'first', secret: SECRET }];
      verified.push(verifySignature({ body: Buffer.concat(chunks), signatureHeader, secrets }).success);
      response.writeHead(verified.length % 2 === 0 ? 202 : 503).end(verified.length % 3 === 0 ? 'full' : undefined);
    });
  };
  await withServer(verify, async (url, connections) => {
    const client = openRawClient(url);
    const requests = prepareRequests(url, [1, 2, 3][Symbol.iterator](), 'examples');
    const answers = await postAll(client, requests, { count: 60, atOnce: 4 });
    expect(verified).toEqual(Array.from({ length: 60 }, () => true));
    expect(Object.fromEntries(answers)).toEqual({ 202: 30, 503: 30 });
    expect(connections.size).toBe(4);
    client.close();
  });
});

it('opens another connection where one was closed, and tells a request that had no answer', async () => {
  let n = 0;
  const closing: RequestListener = (request, response) => {
    n += 1;
    if (n === 3) request.socket.destroy();
    else response.writeHead(200, { connection: 'close', 'content-length': 0 }).end();
  };
  await withServer(closing, async (url, connections) => {
    const client = openRawClient(url);
    const [request] = prepareRequests(url, [1][Symbol.iterator](), 'small') as [Buffer];
    expect([await client.post(request), await client.post(request)]).toEqual([200, 200]);
    await expect(client.post(request)).rejects.toThrow(/ECONNRESET|closed without an answer/);
    expect(await client.post(request)).toBe(200);
    expect(connections.size).toBe(4);
    client.close();
  });
});

it('posts at a rate without waiting for answers, and counts those that come too late', async () => {
  const held: (() => void)[] = [];
  const hold: RequestListener = (request, response) => {
    request.resume().once('end', () => {
      held.push(() => response.writeHead(202).end());
      // All ten are under way at once: nobody was answered before.
      if (held.length === 10) for (const answer of held) answer();
    });
  };
  await withServer(hold, async (url) => {
    const client = openRawClient(url);
    const requests = prepareRequests(url, Array.from({ length: 10 }, (_, k) => k)[Symbol.iterator](), 'small');
    const inTime = await postAtRate(client, requests, { perSecond: 10_000, deadlineMs: 60_000 });
    expect({ ...inTime, seconds: 0 }).toEqual({ answers: new Map([[202, 10]]), late: 0, seconds: 0 });
    held.length = 0;
    expect(await postAtRate(client, requests, { perSecond: 10_000, deadlineMs: 0 })).toMatchObject({ late: 10 });
    client.close();
  });
});

it('reads an answer only when it is there in full', () => {
  const whole = 'HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok';
  expect(readAnswer(whole)).toEqual({ status: 202, reusable: true });
  for (let end = 0; end < whole.length; end += 1) expect(readAnswer(whole.slice(0, end))).toBeNull();
});
