import { ANSWERS, type Answer, type AnswerCode, problemOf, SUCCESSES } from '../answers.ts';
import { EXCHANGES } from './exchanges.ts';

const CODES = Object.keys(ANSWERS) as AnswerCode[];

const header = (name: string, description: string, schema: object, required = true) => ({
  name,
  in: 'header',
  required,
  description,
  schema,
});

const requestExamples = (mediaType: string) =>
  Object.fromEntries(
    EXCHANGES.filter(({ request, response }) => {
      return response.status === 202 && request.headers['Content-Type'] === mediaType;
    }).map(({ name, summary, request }) => [name, { summary, value: example(mediaType, request.body as string) }]),
  );

/** Examples are values of the schema; how a form is encoded is the media type's business. */
function example(mediaType: string, body: string): unknown {
  return mediaType === 'application/json' ? JSON.parse(body) : { payload: new URLSearchParams(body).get('payload') };
}

function successResponse(status: number) {
  return {
    description: describe(codesOf(status)),
    content: {
      'application/json': {
        schema: { $ref: '#/components/schemas/Success' },
        examples: Object.fromEntries(
          EXCHANGES.filter(({ response }) => response.status === status).map(({ name, summary, response }) => {
            return [name, { summary, value: response.body }];
          }),
        ),
      },
    },
  };
}

function codesOf(status: number): AnswerCode[] {
  return CODES.filter((code) => ANSWERS[code].status === status);
}

function describe(codes: readonly AnswerCode[]): string {
  return codes.map((code) => `\`${code}\`: ${ANSWERS[code].detail}`).join('\n\n');
}

function problemResponse(status: number) {
  const codes = codesOf(status);
  const headers: Record<string, object> = {};
  for (const code of codes) {
    const answer: Answer = ANSWERS[code];
    for (const [name, value] of Object.entries(answer.headers ?? {})) {
      headers[name] = { schema: { type: 'string' }, example: value };
    }
  }
  return {
    description: describe(codes),
    headers,
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(
          codes.map((code) => [code, { summary: ANSWERS[code].title, value: problemOf(code) }]),
        ),
      },
    },
  };
}

// What the rest answers has no place among the answers to a delivery.
const STATUSES = [...new Set(CODES.filter((code) => code !== 'READ_ONLY').map((code) => ANSWERS[code].status))];

const page = (summary: string, mediaType: string) => ({
  get: { summary, responses: { 200: { description: summary, content: { [mediaType]: {} } } } },
});

/**
 * The OpenAPI 3.1 description of ingest, made of the same list of answers that ingest answers from. Its
 * `x-exchanges` are requests and answers in full, each of which a test sends.
 */
export const document = {
  openapi: '3.1.0',
  info: {
    title: 'Hookline ingest',
    version: '0.1.0',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    description:
      'Takes GitHub webhooks in. A 202 means that the delivery is in the log, from where it is processed once and in ' +
      'the order of arrival per repository. Errors are problem details (RFC 9457) with a stable `code`.',
  },
  servers: [{ url: '/', description: 'This server' }],
  paths: {
    '/webhooks/{source}': {
      post: {
        operationId: 'deliver',
        summary: 'Deliver a webhook',
        description:
          'The payload URL of a webhook on GitHub. `/webhooks/{source}` is where a source is by default; its path can ' +
          'be configured. The signature is verified over the raw body before anything of it is parsed.',
        parameters: [
          {
            name: 'source',
            in: 'path',
            required: true,
            description: 'Name of the source.',
            schema: { type: 'string' },
          },
          header('X-GitHub-Delivery', 'GUID of the delivery; a redelivery has the same.', {
            type: 'string',
            format: 'uuid',
          }),
          header('X-GitHub-Event', 'Name of the event.', { type: 'string', pattern: '^[a-z0-9_]{1,64}$' }),
          header('X-Hub-Signature-256', 'HMAC of the raw body by SHA-256, keyed with a secret of the source.', {
            type: 'string',
            pattern: '^sha256=[0-9a-f]{64}$',
          }),
          header('X-GitHub-Hook-ID', 'Id of the webhook.', { type: 'string', pattern: '^[0-9]{1,20}$' }, false),
          header('traceparent', 'W3C trace context, carried on through the log if valid.', { type: 'string' }, false),
        ],
        requestBody: {
          required: true,
          description: 'At most 25 MiB, not compressed, in UTF-8.',
          content: {
            'application/json': {
              schema: { type: 'object', description: "GitHub's payload." },
              examples: requestExamples('application/json'),
            },
            'application/x-www-form-urlencoded': {
              schema: {
                type: 'object',
                required: ['payload'],
                properties: { payload: { type: 'string', description: 'The JSON of the payload.' } },
              },
              examples: requestExamples('application/x-www-form-urlencoded'),
            },
          },
        },
        responses: Object.fromEntries(
          STATUSES.map((status) => [String(status), status < 300 ? successResponse(status) : problemResponse(status)]),
        ),
        'x-exchanges': EXCHANGES,
      },
    },
    '/openapi.json': page('This document', 'application/json'),
    '/api-docs': page('This document, to read', 'text/html'),
  },
  components: {
    schemas: {
      Success: {
        type: 'object',
        required: ['status', 'delivery', 'event'],
        properties: {
          status: { enum: Object.values(SUCCESSES) },
          delivery: { type: 'string', format: 'uuid' },
          event: { type: 'string' },
          key: { type: 'string', description: 'What it is ordered by; absent where it was not appended.' },
        },
      },
      Problem: {
        type: 'object',
        required: ['type', 'title', 'status', 'detail', 'code'],
        properties: {
          type: { type: 'string', format: 'uri-reference' },
          title: { type: 'string' },
          status: { type: 'integer' },
          detail: { type: 'string' },
          code: { enum: CODES.filter((code) => ANSWERS[code].status >= 400) },
        },
      },
    },
  },
} as const;
