import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { HooklineError } from '@hookline/runtime';
import type { AnswerCode } from '../answers.ts';
import type { IngestEvents } from '../events.ts';
import type { Source } from '../sources/source.ts';
import type { Receive } from '../webhook/receive.ts';
import { rawProblem, sendProblem } from './send.ts';

export interface WebhookServer {
  /** Resolves when it listens, with the port that it got. */
  start(): Promise<{ port: number }>;
  /** Takes no new connections, answers every request that has arrived, closes every connection, resolves. */
  stop(): Promise<void>;
  /** Why it takes no webhooks now, or true. */
  readiness(): true | string;
}

export interface ServerSettings {
  host: string;
  port: number;
  find(path: string): Source | undefined;
  receive: Receive;
  /** Answers whatever is not for a source. */
  rest: RequestListener;
  events: IngestEvents;
}

/** Longer than a load balancer keeps an idle connection (60 s is usual): the one who sends must close first. */
const KEEP_ALIVE_MS = 75_000;
const HEADERS_MS = 10_000;
/** A last bound on requests for the rest; bodies of webhooks have closer ones of their own. */
const REQUEST_MS = 30_000;

/**
 * The HTTP server. Requests for a source are answered straight from here, without a framework in between, which
 * would take more time than all our own work on a delivery.
 */
export function createWebhookServer({ host, port, find, receive, rest, events }: ServerSettings): WebhookServer {
  let stopping = false;
  const inFlight = new Set<ServerResponse>();
  const current = new WeakMap<Duplex, ServerResponse>();

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    inFlight.add(response);
    current.set(request.socket, response);
    response.once('close', () => {
      inFlight.delete(response);
      // Those that were answered before the stop with keep-alive become idle only now.
      if (stopping) setImmediate(() => server.closeIdleConnections());
    });
    if (stopping) response.setHeader('Connection', 'close');
    const source = find(pathOf(request.url as string));
    if (source === undefined) {
      rest(request, response);
      return;
    }
    receive(source, request, response).catch((error: unknown) => {
      events.failed(error);
      if (response.headersSent) request.destroy();
      else sendProblem(response, 'INTERNAL');
    });
  };

  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: 1_000,
  });
  // Node's switch, not in its documentation: without it, a client that says it will send no more (a proxy may) after
  // a complete request gets no answer. One that says so in mid-request is a clientError all the same.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('request', handle);
  // Who asks whether to send the body gets the same checks first, and an early answer instead of a "continue".
  server.on('checkContinue', handle);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const code = CLIENT_ERRORS[error.code ?? ''] ?? 'BAD_REQUEST';
    events.other(code);
    // A second answer on a connection that has had its one would be taken for the next request's.
    const answered = current.get(socket)?.headersSent === true;
    if (socket.writable) socket.end(answered ? '' : rawProblem(code), () => socket.destroy());
    else socket.destroy();
  });

  return {
    async start() {
      server.listen(port, host);
      await once(server, 'listening').catch((error: unknown) => {
        throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? addressInUse(host, port, error) : error;
      });
      const address = server.address() as AddressInfo;
      events.listening(address.port);
      return { port: address.port };
    },
    async stop() {
      stopping = true;
      if (!server.listening) return;
      events.draining(inFlight.size);
      const closed = once(server, 'close');
      server.close();
      // A connection on which no request was ever begun counts as active for Node, and would hold us up.
      const cut = setInterval(() => {
        if (inFlight.size === 0) server.closeAllConnections();
      }, 1_000);
      await closed;
      clearInterval(cut);
    },
    readiness() {
      if (stopping) return 'stopping: no new connections are taken';
      return server.listening || 'not listening yet';
    },
  };
}

const CLIENT_ERRORS: Record<string, AnswerCode> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TOO_SLOW',
};

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

function addressInUse(host: string, port: number, cause: unknown): HooklineError {
  return new HooklineError(
    'ADDRESS_IN_USE',
    `The address ${host}:${port} is in use. Stop what listens there, or set HOOKLINE_INGEST_PORT to a free port.`,
    { cause },
  );
}
