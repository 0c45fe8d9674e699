import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A delivery that was forwarded to the receiver. */
export interface Forwarded {
  guid: string;
  /** The same each time that it is sent: by it a receiver knows what it has had. */
  idempotencyKey: string;
}

/** Somebody who has a handler of their own behind a route. */
export interface Receiver {
  url: string;
  /** In the order of arrival. */
  received(): readonly Forwarded[];
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Forwarded[] = [];
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      const { 'x-github-delivery': guid, 'idempotency-key': idempotencyKey } = request.headers;
      received.push({ guid: String(guid), idempotencyKey: String(idempotencyKey) });
      response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ci`,
    received: () => received,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
