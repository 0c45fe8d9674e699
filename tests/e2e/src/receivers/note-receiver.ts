import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A receiver of forwarded deliveries that takes all of them. */
export interface NoteReceiver {
  url: string;
  /** What it has taken, in that order. */
  guids: string[];
  close(): Promise<void>;
}

export async function startNoteReceiver(): Promise<NoteReceiver> {
  const guids: string[] = [];
  const server = createServer((request, response) => {
    guids.push(String(request.headers['x-github-delivery']));
    request.resume().on('end', () => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    guids,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
