import type { Operation, Schema } from './document.ts';
import type { Found } from './find-operation.ts';
import type { Validate } from './validators.ts';

export interface CheckedRequest {
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Record<string, string | undefined>;
  /** Undefined: it has none, or none that is JSON. */
  body: unknown;
}

export interface CheckedReply {
  status: number;
  /** Undefined: none. */
  body: unknown;
}

/** What GitHub's description has against a request; nothing: it conforms. */
export function requestProblems({ operation, parameters }: Found, request: CheckedRequest, validate: Validate) {
  const problems: string[] = [];
  for (const { name, in: place, schema } of operation.parameters) {
    const text = place === 'path' ? parameters[name] : (request.query.get(name) ?? undefined);
    if (place === 'header' || text === undefined) continue;
    problems.push(...validate(schema, typed(text, schema), `${place} parameter ${name}`));
  }
  for (const { name, in: place, required } of operation.parameters) {
    if (place === 'query' && required === true && !request.query.has(name)) problems.push(`query lacks ${name}`);
  }
  const known = operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  for (const name of request.query.keys()) if (!known.includes(name)) problems.push(`query has an unknown ${name}`);
  if ((request.headers['user-agent'] ?? '') === '') problems.push('it has no user-agent');
  problems.push(...bodyProblems(operation, request, validate));
  return problems;
}

function bodyProblems({ body: described }: Operation, { body, headers }: CheckedRequest, validate: Validate): string[] {
  if (described === null) return body === undefined ? [] : ['it has a body, and none is described'];
  if (body === undefined) return described.required ? ['it has no body'] : [];
  const problems = validate(described.schema, body, 'body');
  if (!/^application\/json\b/.test(headers['content-type'] ?? '')) problems.push('its content-type is not JSON');
  const { properties, oneOf, anyOf } = described.schema;
  if (properties === undefined || oneOf !== undefined || anyOf !== undefined) return problems;
  // GitHub ignores them: a mistyped name would be lost without a word.
  const unknown = Object.keys(body as object).filter((name) => !(name in properties));
  return [...problems, ...unknown.map((name) => `body has an unknown ${name}`)];
}

/** What GitHub's description has against a reply. Errors that no operation lists are checked for GitHub's common shape. */
export function replyProblems(operation: Operation | null, reply: CheckedReply, validate: Validate): string[] {
  const { status, body } = reply;
  const described = operation?.replies.get(status);
  if (described === null) return body === undefined ? [] : [`reply ${status} has a body, and none is described`];
  if (described !== undefined) return validate(described.schema, body, `reply ${status}`);
  if (status < 300) return [`reply ${status} is not described`];
  return validate(BASIC_ERROR, body, `reply ${status}`);
}

const BASIC_ERROR: Schema = { $ref: '#/components/schemas/basic-error' };

/** The text of a parameter as what its schema says it is. */
function typed(text: string, { type, items }: Schema): unknown {
  if (type === 'integer' || type === 'number') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (type === 'array') return text.split(',').map((part) => typed(part, items ?? {}));
  return text;
}
