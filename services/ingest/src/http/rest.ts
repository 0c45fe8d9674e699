import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { AnswerCode } from '../answers.ts';
import type { IngestEvents } from '../events.ts';
import { document } from '../openapi/document.ts';
import { page } from '../openapi/page.ts';
import { answerEarly } from './answer-early.ts';

/** All that is not for a source: the OpenAPI document, its page, and the answers to what is not there. */
export function createRest(events: IngestEvents): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    // The page loads nothing from anywhere, and no other page may frame it.
    response.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    response.set('X-Content-Type-Options', 'nosniff');
    next();
  });
  app.get('/', (_request, response) => response.redirect('/api-docs'));
  app.get('/openapi.json', (_request, response) => void response.type('json').send(JSON.stringify(document, null, 2)));
  app.get('/api-docs', (_request, response) => void response.type('html').send(page));
  app.all(['/', '/openapi.json', '/api-docs'], refuse(events, 'READ_ONLY'));
  app.use(refuse(events, 'NOT_FOUND'));
  app.use(internalError(events));
  return app;
}

function refuse(events: IngestEvents, code: AnswerCode): RequestHandler {
  return async (request, response) => {
    events.other(code);
    await answerEarly(request, response, code);
  };
}

function internalError(events: IngestEvents): ErrorRequestHandler {
  return async (error: unknown, request, response, _next) => {
    events.failed(error);
    await answerEarly(request, response, 'INTERNAL');
  };
}
