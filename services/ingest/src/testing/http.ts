import { randomUUID } from 'node:crypto';
import { type Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { sign } from '@hookline/github';
import { SECRET } from './start-ingest.ts';

export interface Reply {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
  /** The parsed body, or undefined if it is no JSON. */
  json: Record<string, unknown> | undefined;
}

export interface Sending {
  port: number;
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  /** Sent one after another, each as a write of its own; without a Content-Length if there are several. */
  body?: Buffer | string | (Buffer | string)[];
  agent?: Agent;
}

/** The headers and body of a delivery as GitHub would sign it. Undefined takes a header away. */
export function signed(
  body: Buffer | string,
  changes: Record<string, string | undefined> = {},
  secret = SECRET,
): { headers: Record<string, string>; body: Buffer | string } {
  const headers: Record<string, string | undefined> = {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/044aadd',
    'x-github-delivery': randomUUID(),
    'x-github-event': 'issues',
    'x-github-hook-id': '292430182',
    'x-hub-signature-256': sign(body, secret),
    ...changes,
  };
  return {
    headers: Object.fromEntries(Object.entries(headers).filter((entry) => entry[1] !== undefined)) as never,
    body,
  };
}

/** Sends a request and resolves with the reply, which may come before the whole body has been sent. */
export function send({ body = '', ...sending }: Sending): Promise<Reply> {
  const { outgoing, reply } = open(sending);
  const parts = Array.isArray(body) ? body : [body];
  if (parts.length > 1) for (const part of parts.slice(0, -1)) outgoing.write(part);
  outgoing.end(parts.at(-1));
  return reply;
}

/** Begins a request, whose body the test writes as it likes. */
export function open({ port, method = 'POST', path = '/webhooks/main', headers = {}, agent }: Omit<Sending, 'body'>): {
  outgoing: ClientRequest;
  reply: Promise<Reply>;
} {
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: agent ?? false });
  const reply = new Promise<Reply>((resolve, reject) => {
    outgoing.on('response', (incoming) => {
      buffer(incoming).then((bytes) => {
        const text = bytes.toString();
        const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : undefined;
        resolve({ status: incoming.statusCode as number, headers: incoming.headers, text, json });
      }, reject);
    });
    outgoing.on('error', reject);
  });
  // Whoever aborts a request on purpose does not wait for its reply.
  reply.catch(() => undefined);
  return { outgoing, reply };
}
