import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';

export interface TestServer {
  port: number;
  /** Connections that were accepted. */
  connections: number;
  /** When the first was. */
  connected: Promise<unknown>;
  /** When the first one that ended did, and all that it had sent was received. */
  ended: Promise<unknown>;
  /** All that they have sent, as it came; of TLS the encrypted bytes. */
  received: string;
}

const opened: { server: TcpServer; sockets: Set<Socket> }[] = [];

/** Ends all servers that a test has started. */
export async function stopServers(): Promise<void> {
  await Promise.all(
    opened.splice(0).map(async ({ server, sockets }) => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    }),
  );
}

/** @param host a loopback address; there are more than one of them */
export function startHttp(answer: RequestListener, host = '127.0.0.1'): Promise<TestServer> {
  return start(createHttpServer(answer), host);
}

export function startHttps(
  answer: RequestListener,
  { key, cert }: { key: string; cert: string },
  host = '127.0.0.1',
): Promise<TestServer> {
  return start(createHttpsServer({ key, cert }, answer), host);
}

/** Accepts, and leaves all else to the test. */
export function startTcp(onConnection: (socket: Socket) => void = () => {}, host = '127.0.0.1'): Promise<TestServer> {
  return start(createTcpServer(onConnection), host);
}

/** An HTTP server whose CONNECT the test answers. */
export function startProxy(
  answer: RequestListener,
  onConnect: (target: string, socket: Socket) => void,
): Promise<TestServer> {
  const server: Server = createHttpServer(answer);
  server.on('connect', (request, socket) => onConnect(request.url ?? '', socket as Socket));
  return start(server, '127.0.0.1');
}

async function start(server: TcpServer, host: string): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const ended = Promise.withResolvers<void>();
  const connected = once(server, 'connection');
  const state: TestServer = { port: 0, connections: 0, connected, ended: ended.promise, received: '' };
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    state.connections += 1;
    socket.on('data', (chunk: Buffer) => {
      state.received += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      ended.resolve();
    });
  });
  server.listen(0, host);
  await once(server, 'listening');
  state.port = (server.address() as AddressInfo).port;
  opened.push({ server, sockets });
  return state;
}
