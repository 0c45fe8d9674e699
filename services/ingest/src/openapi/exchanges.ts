import { sign } from '@hookline/github';
import { MAX_BODY_BYTES } from '@hookline/contracts';
import { ANSWERS, type AnswerCode, problemOf } from '../answers.ts';

/** A request and its answer, exactly as they go over the wire; a test sends each and compares. */
export interface Exchange {
  name: string;
  summary: string;
  /** What must be so for this answer, beyond the sources of {@link EXAMPLE_SOURCES}. */
  needs?:
    | 'log unavailable'
    | 'a delivery that was processed before'
    | 'a delivery that was processed before, and HOOKLINE_DUPLICATE_STATUS=200'
    | 'a delivery that waits for its next try';
  request: { method: string; path: string; headers: Record<string, string>; body?: string };
  response: { status: number; headers: Record<string, string>; body: unknown };
}

/** The secret of GitHub's own documentation: the signatures below can be computed anew by whoever reads them. */
export const EXAMPLE_SECRET = "It's a Secret to Everybody";

/** The sources that the examples talk to. */
export const EXAMPLE_SOURCES = [
  { name: 'main', secrets: [{ label: 'example', secret: EXAMPLE_SECRET }] },
  { name: 'issues-only', secrets: [{ label: 'example', secret: EXAMPLE_SECRET }], events: ['issues'] },
];

const GUID = '72d3162e-cc78-11e3-81ab-4c9367dc0958';
const PAYLOAD = '{"action":"opened","issue":{"number":1,"title":"Spelling"},"repository":{"id":1296269}}';
const FORM = new URLSearchParams({ payload: PAYLOAD }).toString();

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

function headers(body: string, changes: Record<string, string | undefined> = {}): Record<string, string> {
  const all: Record<string, string | undefined> = {
    'Content-Type': JSON_TYPE,
    'X-GitHub-Delivery': GUID,
    'X-GitHub-Event': 'issues',
    'X-Hub-Signature-256': sign(body, EXAMPLE_SECRET),
    ...changes,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function post(
  body: string,
  changes?: Record<string, string | undefined>,
  path = '/webhooks/main',
): Exchange['request'] {
  return { method: 'POST', path, headers: headers(body, changes), body };
}

function refusal(code: AnswerCode): Exchange['response'] {
  const answer: { status: number; headers?: Record<string, string> } = ANSWERS[code];
  return {
    status: answer.status,
    headers: { 'Content-Type': 'application/problem+json', ...answer.headers },
    body: problemOf(code),
  };
}

const PROCESSED = '0b989ba4-242f-11e5-81e1-c7b6966d2516';
const WAITING = '4f1e6b2c-9a3d-11e9-8a5b-3c1f0d7e2a64';

/** Which delivery is already known, by what an example needs. */
export const KNOWN_DELIVERIES = { processed: PROCESSED, waiting: WAITING, payload: PAYLOAD, event: 'issues' };

const accepted = {
  status: 202,
  headers: { 'Content-Type': JSON_TYPE },
  body: { status: 'accepted', delivery: GUID, event: 'issues', key: 'github.com/repository/1296269' },
};

export const EXCHANGES: readonly Exchange[] = [
  { name: 'json', summary: 'A delivery, as JSON', request: post(PAYLOAD), response: accepted },
  {
    name: 'form',
    summary: 'The same delivery, as a form',
    request: post(FORM, { 'Content-Type': FORM_TYPE }),
    response: accepted,
  },
  {
    name: 'ignored',
    summary: 'An event that is not on the allow-list of the source',
    request: post(PAYLOAD, { 'X-GitHub-Event': 'star' }, '/webhooks/issues-only'),
    response: { ...accepted, body: { status: 'ignored', delivery: GUID, event: 'star' } },
  },
  {
    name: 'reset',
    summary: 'A redelivery of what has failed so far',
    needs: 'a delivery that waits for its next try',
    request: post(PAYLOAD, { 'X-GitHub-Delivery': WAITING }),
    response: { ...accepted, body: { ...accepted.body, status: 'reset', delivery: WAITING } },
  },
  {
    name: 'duplicate',
    summary: 'A redelivery of what was processed',
    needs: 'a delivery that was processed before',
    request: post(PAYLOAD, { 'X-GitHub-Delivery': PROCESSED }),
    response: refusal('DUPLICATE'),
  },
  {
    name: 'already-processed',
    summary: 'The same, where no redelivery is to be shown as failed',
    needs: 'a delivery that was processed before, and HOOKLINE_DUPLICATE_STATUS=200',
    request: post(PAYLOAD, { 'X-GitHub-Delivery': PROCESSED }),
    response: {
      ...accepted,
      status: 200,
      body: { status: 'duplicate', delivery: PROCESSED, event: 'issues' },
    },
  },
  {
    name: 'unsigned',
    summary: 'No signature',
    request: post(PAYLOAD, { 'X-Hub-Signature-256': undefined }),
    response: refusal('SIGNATURE_MISSING'),
  },
  {
    name: 'forged',
    summary: 'Signed with another secret',
    request: post(PAYLOAD, { 'X-Hub-Signature-256': sign(PAYLOAD, 'a guess') }),
    response: refusal('SIGNATURE_MISMATCH'),
  },
  {
    name: 'broken',
    summary: 'Rightly signed, but no JSON',
    request: post('{"action":'),
    response: refusal('NOT_JSON'),
  },
  {
    name: 'nameless',
    summary: 'Without the header that names the event',
    request: post(PAYLOAD, { 'X-GitHub-Event': undefined }),
    response: refusal('EVENT_MISSING'),
  },
  {
    name: 'nowhere',
    summary: 'A path that no source has',
    request: post(PAYLOAD, {}, '/webhooks/unknown'),
    response: refusal('NOT_FOUND'),
  },
  {
    name: 'read',
    summary: 'Another method',
    request: { method: 'GET', path: '/webhooks/main', headers: {} },
    response: refusal('METHOD_NOT_ALLOWED'),
  },
  {
    name: 'text',
    summary: 'Another media type',
    request: post(PAYLOAD, { 'Content-Type': 'text/plain' }),
    response: refusal('MEDIA_TYPE_UNSUPPORTED'),
  },
  {
    name: 'large',
    summary: 'A body that is declared larger than any that GitHub sends (it need not be sent to be refused)',
    request: {
      method: 'POST',
      path: '/webhooks/main',
      headers: headers('', { 'Content-Length': String(MAX_BODY_BYTES + 1) }),
    },
    response: refusal('BODY_TOO_LARGE'),
  },
  {
    name: 'unavailable',
    summary: 'A delivery while Kafka is away',
    needs: 'log unavailable',
    request: post(PAYLOAD),
    response: refusal('LOG_UNAVAILABLE'),
  },
];
