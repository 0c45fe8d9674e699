import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Takes what relays forward, as a server of somebody else would. */
export interface Receiver {
  url: string;
  /** GUIDs of deliveries in the order in which they came, by the id of their repository. */
  received: ReadonlyMap<number, string[]>;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received = new Map<number, string[]>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.once('end', () => {
      const { repository } = JSON.parse(Buffer.concat(parts).toString()) as { repository: { id: number } };
      const guids = received.get(repository.id) ?? [];
      received.set(repository.id, [...guids, String(request.headers['x-github-delivery'])]);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
