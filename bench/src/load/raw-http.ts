import { connect, type Socket } from 'node:net';
import { newWebhook } from './deliveries.ts';
import { payloadsOf, type PayloadSet } from './payloads.ts';

/**
 * A client that does as little as can be for a request: written by hand onto connections that stay open, its bytes made
 * before the clock runs. On a machine that load and server share, what the load takes is missing in what is measured.
 */
export interface RawClient {
  /** Resolves to the status of the answer. Of one connection after another: more at once open more of them. */
  post(request: Buffer): Promise<number>;
  /** Cuts all connections. */
  close(): void;
}

/** The bytes of whole requests, signed; of repositories in turn. */
export function prepareRequests(url: string, repositories: Iterator<number>, set: PayloadSet): Buffer[] {
  const { host, pathname } = new URL(url);
  const payloads = payloadsOf(set);
  const requests: Buffer[] = [];
  for (let next = repositories.next(); !next.done; next = repositories.next()) {
    const { headers, body } = newWebhook(next.value, payloads);
    const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    requests.push(Buffer.concat([Buffer.from(`POST ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n`), body]));
  }
  return requests;
}

export function openRawClient(url: string): RawClient {
  const { hostname, port } = new URL(url);
  const idle = new Set<Connection>();
  const all = new Set<Connection>();
  const connectAnew = (): Connection => {
    const connection = open(hostname, Number(port), () => {
      idle.delete(connection);
      all.delete(connection);
    });
    all.add(connection);
    return connection;
  };
  return {
    async post(request) {
      const [connection = connectAnew()] = idle;
      idle.delete(connection);
      const { status, reusable } = await connection.ask(request);
      if (reusable && all.has(connection)) idle.add(connection);
      return status;
    },
    close() {
      for (const connection of all) connection.cut();
    },
  };
}

interface Connection {
  ask(request: Buffer): Promise<Answer>;
  cut(): void;
}

interface Answer {
  status: number;
  reusable: boolean;
}

function open(host: string, port: number, closed: () => void): Connection {
  const socket: Socket = connect({ host, port, noDelay: true });
  let asked: PromiseWithResolvers<Answer> | undefined;
  let received = '';
  const fail = (error: Error): void => {
    asked?.reject(error);
    asked = undefined;
  };
  // Nothing of an answer is beyond Latin-1 that would be looked at.
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
    const answer = readAnswer(received);
    if (answer === null) return;
    received = '';
    asked?.resolve(answer);
    asked = undefined;
    if (!answer.reusable) socket.destroy();
  });
  socket.on('error', fail).on('close', () => {
    closed();
    fail(new Error('The connection was closed without an answer.'));
  });
  return {
    ask(request) {
      asked = Promise.withResolvers();
      socket.write(request);
      return asked.promise;
    },
    cut: () => socket.destroy(),
  };
}

/** Null while it is not there in full. */
export function readAnswer(text: string): Answer | null {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const head = text.slice(0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  const whole = length === undefined ? text.endsWith('\r\n0\r\n\r\n') : text.length >= end + 4 + Number(length);
  if (!whole) return null;
  return { status: Number(head.slice(9, 12)), reusable: !/\r\nconnection: *close/i.test(head) };
}
