import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { HooklineError } from './errors.ts';
import type { Health, HealthReport } from './health.ts';
import type { Logger } from './logging/logger.ts';
import type { Metrics } from './metrics.ts';
import { createReadyGauge } from './ready-gauge.ts';

export interface OperationsServerSettings {
  host: string;
  /** 0 takes a free one. */
  port: number;
  health: Health;
  metrics: Metrics;
  logger: Logger;
}

export interface OperationsServer {
  /** Resolves when it listens, with the port that it got. Rejects with `ADDRESS_IN_USE` when the port is taken. */
  start(): Promise<{ port: number }>;
  /** Resolves when the port is free again; open connections are cut. Does nothing if it never started. */
  stop(): Promise<void>;
}

/**
 * `/livez`, `/readyz` and `/metrics`, on a port of their own: they must answer while the service's own port is
 * saturated or not open yet, and must not be reachable from where GitHub is.
 */
export function createOperationsServer(settings: OperationsServerSettings): OperationsServer {
  const server = createServer(operationsApp(settings));
  const { host, port } = settings;
  return {
    async start() {
      server.listen(port, host);
      try {
        await once(server, 'listening');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
        throw new HooklineError(
          'ADDRESS_IN_USE',
          `The operations address ${host}:${port} is in use. Stop what listens there, or set ` +
            'HOOKLINE_OPERATIONS_PORT to a free port.',
          { cause: error },
        );
      }
      return { port: (server.address() as AddressInfo).port };
    },
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function operationsApp({ health, metrics, logger }: OperationsServerSettings) {
  const app = express();
  const showReady = createReadyGauge(metrics);
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/livez', (_request, response) => sendReport(response, health.report().live));
  app.get('/readyz', (_request, response) => sendReport(response, health.report().ready));
  app.get('/metrics', async (_request, response) => {
    showReady(health);
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  app.all(['/livez', '/readyz', '/metrics'], methodNotAllowed);
  app.use(notFound);
  app.use(internalError(logger));
  return app;
}

function sendReport(response: Response, report: HealthReport): void {
  response
    .status(report.ok ? 200 : 503)
    .set('Cache-Control', 'no-store')
    .json(report);
}

const methodNotAllowed: RequestHandler = (request, response) => {
  response.set('Allow', 'GET, HEAD');
  problem(response, 405, 'METHOD_NOT_ALLOWED', `${request.path} answers GET and HEAD only.`);
};

const notFound: RequestHandler = (request, response) => {
  problem(response, 404, 'NOT_FOUND', `There is no ${request.path} here; there are /livez, /readyz and /metrics.`);
};

const internalError =
  (logger: Logger): ErrorRequestHandler =>
  (error, request, response, _next) => {
    logger.error({ err: error, path: request.path }, 'operations request failed');
    problem(response, 500, 'INTERNAL', 'The request failed; the log says why.');
  };

/** RFC 9457. */
function problem(response: Response, status: number, code: string, detail: string): void {
  response.status(status).type('application/problem+json').send(JSON.stringify({ status, code, detail }));
}
