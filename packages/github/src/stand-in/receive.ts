import type { IncomingMessage } from 'node:http';

/** A request as it came. */
export interface Received {
  method: string;
  /** As it is in the request line, without the query. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  text: string;
}

/** Reads all of a request. */
export async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const [path = '', query = ''] = (request.url ?? '').split('?');
  return {
    method: request.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers: request.headers as Record<string, string | undefined>,
    text: Buffer.concat(chunks).toString(),
  };
}

/** The JSON of a body; undefined where there is none, or it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
