import { once } from 'node:events';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is done to a request on its way to a receiver, or to the answer on its way back. */
export type ReceiverFault =
  /** The receiver never sees it. */
  | '500 before'
  | 'silence before'
  | 'cut before'
  /** The receiver has done its work. */
  | '500 behind'
  | 'silence behind'
  | 'cut behind';

/** A request as it came to the proxy. */
export interface Try {
  guid: string;
  idempotencyKey: string;
  repository: number;
  n: number;
  fault: ReceiverFault | null;
  /** What the sender got; null: nothing. */
  status: number | null;
}

export interface FaultProxy {
  /** `http://127.0.0.1:…` */
  url: string;
  /** In the order in which they came. */
  tries: Try[];
  close(): Promise<void>;
}

/**
 * Stands before a receiver, and has it misbehave as `next` says.
 *
 * @param onSilence told when a request has come to where it stays without an answer
 */
export async function startFaultProxy(
  target: string,
  next: () => ReceiverFault | null,
  onSilence: () => void = () => {},
): Promise<FaultProxy> {
  const tries: Try[] = [];
  const server = createServer((incoming, response) => {
    void handle(incoming, response).catch(() => response.destroy());
  });

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { repository, issue } = JSON.parse(body.toString()) as {
      repository: { id: number };
      issue: { number: number };
    };
    const entry: Try = {
      guid: String(incoming.headers['x-github-delivery']),
      idempotencyKey: String(incoming.headers['idempotency-key']),
      repository: repository.id,
      n: issue.number,
      fault: next(),
      status: null,
    };
    tries.push(entry);
    const [what, where] = (entry.fault ?? '').split(' ');
    const status = where === 'before' ? 0 : await forward(`${target}${incoming.url}`, incoming, body);
    if (what === 'silence') return onSilence();
    if (what === 'cut') {
      response.destroy();
      return;
    }
    entry.status = what === '500' ? 500 : status;
    response.writeHead(entry.status).end();
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tries,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The same request to the receiver itself; its status. */
function forward(url: string, { method, headers }: IncomingMessage, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = ask(url, { method, headers, agent: false }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode as number));
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
