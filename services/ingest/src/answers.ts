import { MAX_BODY_BYTES } from '@hookline/contracts';

/** What ingest answers in one case. Everything but a 2xx is a problem in the sense of RFC 9457. */
export interface Answer {
  status: number;
  title: string;
  /** One sentence for the person who reads it in GitHub's list of deliveries. Never quotes the request. */
  detail: string;
  headers?: Readonly<Record<string, string>>;
}

const CHALLENGE = { 'WWW-Authenticate': 'X-Hub-Signature-256' };
const MEDIA_TYPES = { 'Accept-Post': 'application/json, application/x-www-form-urlencoded' };
const MAX_BODY_MIB = MAX_BODY_BYTES / 1024 / 1024;

/**
 * Every answer there is, by its code. Codes are stable: programs and alerts may rely on them. The OpenAPI document
 * and its page are made of this list, and the metrics use the same codes.
 */
export const ANSWERS = {
  ACCEPTED: { status: 202, title: 'Accepted', detail: 'The delivery is in the log.' },
  RESET: {
    status: 202,
    title: 'Reset',
    detail:
      'The delivery is in the log again: it waits for its next try, which is due now, or handlers have failed for it ' +
      'for good, which run again.',
  },
  IGNORED: {
    status: 202,
    title: 'Ignored',
    detail: 'The delivery is genuine, but its event is not on the allow-list of the source. It is not in the log.',
  },

  ALREADY_PROCESSED: {
    status: 200,
    title: 'Already processed',
    detail: 'The delivery was processed before. It is not appended again. (By HOOKLINE_DUPLICATE_STATUS=200.)',
  },

  DELIVERY_MISSING: problem(400, 'No delivery header', 'The header X-GitHub-Delivery is missing.'),
  DELIVERY_MALFORMED: problem(400, 'Malformed delivery header', 'The header X-GitHub-Delivery is not a UUID.'),
  EVENT_MISSING: problem(400, 'No event header', 'The header X-GitHub-Event is missing.'),
  EVENT_MALFORMED: problem(400, 'Malformed event header', 'The header X-GitHub-Event is not the name of an event.'),
  HOOK_ID_MALFORMED: problem(400, 'Malformed hook id header', 'The header X-GitHub-Hook-ID is not a number.'),
  FIELD_MISSING: problem(400, 'No payload', 'The form has no field named payload.'),
  FIELD_REPEATED: problem(400, 'Ambiguous payload', 'The form has more than one field named payload.'),
  NOT_UTF8: problem(400, 'Payload is not UTF-8', 'The payload is not valid UTF-8.'),
  NOT_JSON: problem(400, 'Payload is not JSON', 'The payload is not valid JSON.'),
  NOT_AN_OBJECT: problem(400, 'Payload is not an object', 'The payload is valid JSON, but not an object.'),
  BAD_REQUEST: problem(400, 'Bad request', 'The request is not valid HTTP.'),

  SIGNATURE_MISSING: problem(
    401,
    'No signature',
    'The header X-Hub-Signature-256 is missing. Set a secret on the webhook, the same as for the source.',
    CHALLENGE,
  ),
  SIGNATURE_MALFORMED: problem(
    401,
    'Malformed signature',
    'The header X-Hub-Signature-256 is not "sha256=" and 64 lower-case hex digits.',
    CHALLENGE,
  ),
  SIGNATURE_MISMATCH: problem(
    401,
    'Wrong signature',
    'No secret of the source makes this signature of this body: secrets differ, or a proxy changed the body.',
    CHALLENGE,
  ),

  NOT_FOUND: problem(404, 'Not found', 'No source has this path. The paths of this server are described at /api-docs.'),
  METHOD_NOT_ALLOWED: problem(405, 'Method not allowed', 'Webhooks are delivered by POST.', { Allow: 'POST' }),
  READ_ONLY: problem(405, 'Method not allowed', 'This page is read by GET.', { Allow: 'GET, HEAD' }),
  REQUEST_TOO_SLOW: problem(408, 'Request too slow', 'The request arrived too slowly, and was given up.'),
  DUPLICATE: problem(
    409,
    'Duplicate',
    'The delivery was processed before, and is not appended again. Nothing is to be done.',
  ),
  BODY_TOO_LARGE: problem(
    413,
    'Body too large',
    `The body is larger than ${MAX_BODY_MIB} MiB. GitHub sends none that is; form encoding makes bodies larger, json does not.`,
  ),
  MEDIA_TYPE_UNSUPPORTED: problem(
    415,
    'Unsupported media type',
    'The Content-Type is neither application/json nor application/x-www-form-urlencoded (both in UTF-8).',
    MEDIA_TYPES,
  ),
  ENCODING_UNSUPPORTED: problem(
    415,
    'Unsupported content encoding',
    'The body is compressed (Content-Encoding); GitHub never does that.',
    { 'Accept-Encoding': 'identity' },
  ),
  HEADERS_TOO_LARGE: problem(431, 'Headers too large', "The request's headers are larger than 16 KiB."),

  INTERNAL: problem(
    500,
    'Internal error',
    "The request failed in a way that nobody foresaw; the server's log says why.",
  ),
  OVERLOADED: problem(503, 'Overloaded', 'Too much is in flight. Redeliver it later.', { 'Retry-After': '5' }),
  LOG_UNAVAILABLE: problem(
    503,
    'Log unavailable',
    'The delivery could not be written to the log in time (it may be there all the same). Redeliver it later.',
    { 'Retry-After': '10' },
  ),
  STOPPING: problem(503, 'Stopping', 'This process is being stopped. Redeliver it at once.', { 'Retry-After': '1' }),
} as const satisfies Record<string, Answer>;

export type AnswerCode = keyof typeof ANSWERS;

/** The answers that tell of no problem, and the word for each in its body. */
export const SUCCESSES = {
  ACCEPTED: 'accepted',
  RESET: 'reset',
  IGNORED: 'ignored',
  ALREADY_PROCESSED: 'duplicate',
} as const satisfies Partial<Record<AnswerCode, string>>;

function problem(status: number, title: string, detail: string, headers: Record<string, string> = {}): Answer {
  return { status, title, detail, headers };
}

/** The body of a problem, as RFC 9457 wants it. Its type leads to the line of the page that explains it. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: AnswerCode;
}

export function problemOf(code: AnswerCode): Problem {
  const { title, status, detail } = ANSWERS[code];
  return { type: `/api-docs#${code}`, title, status, detail, code };
}
