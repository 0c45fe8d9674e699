import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { verifySignature } from '@hookline/github';
import { expect, it } from '@jest/globals';
import { tryNext } from './try-next.ts';

// What is printed to be pasted must work when it is pasted: by a real shell, with a real curl.
it('prints a curl command that sends a delivery which verifies', async () => {
  const received = Promise.withResolvers<{ url: string; verified: unknown; guid: unknown }>();
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const signatureHeader = request.headers['x-hub-signature-256'] as string;
    const verified = verifySignature({ body, signatureHeader, secrets: [{ label: 'demo', secret: 'f00' }] });
    received.resolve({ url: request.url!, verified, guid: request.headers['x-github-delivery'] });
    response.writeHead(202).end();
  };
  const server = createServer((request, response) => void receive(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const local = {
    pid: 1,
    provider: 'processes' as const,
    ingestUrl: `${origin}/webhooks/demo`,
    ingestHealthUrl: 'http://127.0.0.1:1',
    processorHealthUrl: 'http://127.0.0.1:2',
    relayHealthUrl: 'http://127.0.0.1:2',
    githubUrl: 'http://127.0.0.1:4',
    brokers: [],
    registryUrl: '',
    databaseUrl: 'postgres://127.0.0.1:3/hookline',
    topic: 'github.deliveries',
    partitions: 24,
    webhookSecret: 'f00',
  };
  const text = tryNext(local, '/state/local.json', '72d3162e-cc78-11e3-81ab-4c9367dc0958');
  const command = /^ {2}BODY=.*?--data-binary "\$BODY"$/ms.exec(text)?.[0] ?? '';
  await promisify(execFile)('sh', ['-c', command]);
  server.close().closeAllConnections();
  expect(await received.promise).toEqual({
    url: '/webhooks/demo',
    verified: { success: true, label: 'demo' },
    guid: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
  });
  for (const hint of [
    'http://127.0.0.1:2/readyz',
    'http://127.0.0.1:4/_stand-in/comments',
    'http://127.0.0.1:2/metrics',
    local.databaseUrl,
    'npm run hookline -- trace 72d3162e-cc78-11e3-81ab-4c9367dc0958',
    `${origin}/api-docs`,
  ]) {
    expect(text).toContain(hint);
  }
});
