import { MAX_BODY_BYTES } from '@hookline/contracts';
import type { Answer, RequestBody, WebhookRequest } from './request.ts';
import { githubHeaders, signatures, type Target } from './sign-delivery.ts';

interface Deviation {
  status: number;
  code: string;
  method?: 'GET';
  path?: string;
  body?: Buffer;
  /** A header without a value is left out. */
  headers?: Record<string, string | undefined>;
}

const NOT_UTF8 = Buffer.from([0x22, 0xff, 0x22]);
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

/** What is wrong with requests that are signed rightly; each with the answer that it must get. */
const DEVIATIONS: Record<string, Deviation> = {
  'body is not JSON': { status: 400, code: 'NOT_JSON', body: Buffer.from('{"action": "opened"') },
  'body is empty': { status: 400, code: 'NOT_JSON', body: Buffer.alloc(0) },
  'body is a list': { status: 400, code: 'NOT_AN_OBJECT', body: Buffer.from('[{}]') },
  'body is not UTF-8': { status: 400, code: 'NOT_UTF8', body: NOT_UTF8 },
  'form without a payload': { status: 400, code: 'FIELD_MISSING', headers: FORM, body: Buffer.from('pay=%7B%7D') },
  'form with two payloads': {
    status: 400,
    code: 'FIELD_REPEATED',
    headers: FORM,
    body: Buffer.from('payload=%7B%7D&payload=%7B%7D'),
  },
  'no delivery header': { status: 400, code: 'DELIVERY_MISSING', headers: { 'X-GitHub-Delivery': undefined } },
  'delivery header is no GUID': { status: 400, code: 'DELIVERY_MALFORMED', headers: { 'X-GitHub-Delivery': '42' } },
  'no event header': { status: 400, code: 'EVENT_MISSING', headers: { 'X-GitHub-Event': undefined } },
  'event header is no name': { status: 400, code: 'EVENT_MALFORMED', headers: { 'X-GitHub-Event': 'a b' } },
  'hook id is no number': { status: 400, code: 'HOOK_ID_MALFORMED', headers: { 'X-GitHub-Hook-ID': 'one' } },
  'another media type': { status: 415, code: 'MEDIA_TYPE_UNSUPPORTED', headers: { 'Content-Type': 'text/plain' } },
  'compressed body': { status: 415, code: 'ENCODING_UNSUPPORTED', headers: { 'Content-Encoding': 'gzip' } },
  'unknown path': { status: 404, code: 'NOT_FOUND', path: '/webhooks/nobody' },
  'GET instead of POST': { status: 405, code: 'METHOD_NOT_ALLOWED', method: 'GET', body: Buffer.alloc(0) },
};

/** One request of each kind that is signed and still must not be accepted. */
export function malformedRequests(target: Target, newGuid: () => string): WebhookRequest[] {
  return Object.entries(DEVIATIONS).map(([name, deviation]) => {
    const { status, code, method = 'POST', path = target.path, body = Buffer.from('{}'), headers = {} } = deviation;
    return {
      ...refused(target, newGuid(), body, headers),
      kind: 'malformed',
      name,
      method,
      path,
      expected: { status, code },
    };
  });
}

/** One byte more than GitHub ever sends, announced and unannounced. The signature has the right shape only. */
export function oversizedRequests(target: Target, newGuid: () => string): WebhookRequest[] {
  const expected: Answer = { status: 413, code: 'BODY_TOO_LARGE' };
  return (['declared', 'chunked'] as const).map((framing) => {
    const length = MAX_BODY_BYTES + 1;
    const headers = framing === 'declared' ? { 'Content-Length': String(length) } : {};
    const request = refused(target, newGuid(), { framing, length }, headers);
    return { ...request, kind: 'oversized', name: `25 MiB and one byte, ${framing}`, expected };
  });
}

function refused(target: Target, guid: string, body: RequestBody, changed: Record<string, string | undefined>) {
  const signed = signatures(Buffer.isBuffer(body) ? body : Buffer.alloc(0), target.secret);
  const headers = Object.entries({ ...githubHeaders('issues', 'json', guid), ...signed, ...changed });
  return {
    method: 'POST' as const,
    path: target.path,
    headers: Object.fromEntries(headers.filter((entry): entry is [string, string] => entry[1] !== undefined)),
    body,
    guid,
    delivery: undefined,
  };
}
