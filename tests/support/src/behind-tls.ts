import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A server behind TLS. */
export interface BehindTls {
  /** As the URL of the server, by https at localhost. */
  url: string;
  close(): Promise<void>;
}

/**
 * Puts TLS before an HTTP server, as a proxy that ends it would.
 *
 * @param authorization the value of that header without which a request is answered 401; default: none is asked for
 */
export async function behindTls(
  url: string,
  certificate: { certFile: string; keyFile: string },
  authorization?: string,
): Promise<BehindTls> {
  const { hostname, port, pathname } = new URL(url);
  const tls = { cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) };
  const server = createServer(tls, (incoming, answer) => {
    if (authorization !== undefined && incoming.headers.authorization !== authorization) {
      answer.writeHead(401, { 'content-type': 'text/plain' }).end('who are you?');
      return;
    }
    const { method, headers } = incoming;
    const passed = request({ hostname, port, path: incoming.url, method, headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}${pathname}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
