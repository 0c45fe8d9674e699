import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Takes every post at once, and notes when and which. */
export interface Receiver {
  url: string;
  /** When each came, in milliseconds, in the order of their coming. */
  times: number[];
  /** How many different ones have come. */
  distinct(): number;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const times: number[] = [];
  const keys = new Set<string>();
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      times.push(performance.now());
      keys.add(String(request.headers['idempotency-key']));
      response.writeHead(204).end();
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    times,
    distinct: () => keys.size,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
