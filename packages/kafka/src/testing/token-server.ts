import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureAddresses } from '@hookline/local-stack';

/** What a client has sent for a token. */
export interface TokenRequest {
  authorization: string | undefined;
  form: Record<string, string>;
}

export interface TokenServer {
  url: string;
  requests: TokenRequest[];
  /** What it answers from now on: a status, and what is sent as JSON. */
  answers(status: number, body: object): void;
  close(): Promise<void>;
}

/** A token endpoint behind TLS, with the certificate for localhost of a secure stack. */
export async function startTokenServer({ server }: SecureAddresses): Promise<TokenServer> {
  const requests: TokenRequest[] = [];
  let answer: { status: number; body: object } = { status: 500, body: {} };
  const tls = { cert: readFileSync(server.certFile), key: readFileSync(server.keyFile) };
  const https = createServer(tls, (request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const form = Object.fromEntries(new URLSearchParams(text));
      requests.push({ authorization: request.headers.authorization, form });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://localhost:${(https.address() as AddressInfo).port}/token`,
    requests,
    answers: (status, body) => (answer = { status, body }),
    close: () => new Promise((resolve) => https.close(() => resolve())),
  };
}
