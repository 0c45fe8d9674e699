import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server in the registry's place that gives one answer to everything; the real one cannot be made to. */
export async function openStandIn(status: number): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
    response.end(JSON.stringify({ error_code: status * 100 + 1, message: 'as the harness told it' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
