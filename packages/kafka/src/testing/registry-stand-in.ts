import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server in the registry's place that misbehaves as told; the real one cannot be made to. */
export interface RegistryStandIn {
  url: string;
  answer: Answer;
  /** `METHOD /path` of each request so far. */
  requests: string[];
  stop(): Promise<void>;
}

export async function startRegistryStandIn(answer: Answer): Promise<RegistryStandIn> {
  const standIn: RegistryStandIn = { url: '', answer, requests: [], stop };
  const server = createServer((request, response) => {
    standIn.requests.push(`${request.method} ${request.url}`);
    standIn.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  standIn.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function stop(): Promise<void> {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return standIn;
}

export function json(status: number, body: unknown): Answer {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
    response.end(JSON.stringify(body));
  };
}

export function page(status: number): Answer {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'text/html' });
    response.end('<h1>Welcome to the proxy</h1>');
  };
}
