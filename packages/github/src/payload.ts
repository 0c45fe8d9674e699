import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { formField } from './form.ts';
import type { PayloadEncoding } from './media-type.ts';

/** A payload of GitHub: a JSON object whose shape depends on the event. */
export type Payload = Record<string, unknown>;

export type PayloadResult =
  | {
      success: true;
      /** The bytes of the JSON payload: the body itself, or its decoded form field. */
      json: Buffer;
      text: string;
      payload: Payload;
    }
  | {
      success: false;
      reason: 'FIELD_MISSING' | 'FIELD_REPEATED' | 'NOT_UTF8' | 'NOT_JSON' | 'NOT_AN_OBJECT';
      /** What is wrong, in words that quote nothing of the body. */
      detail: string;
    };

/**
 * Reads the JSON payload out of a body. Bytes that are not UTF-8 are refused rather than replaced: every reader of
 * the log must see the same payload. Call it only with a body whose signature was verified.
 */
export function readPayload(body: Buffer, encoding: PayloadEncoding): PayloadResult {
  let json = body;
  if (encoding === 'form') {
    const [field, second] = formField(body, 'payload');
    if (field === undefined) return failure('FIELD_MISSING', 'The form has no field named payload.');
    if (second !== undefined) return failure('FIELD_REPEATED', 'The form has more than one field named payload.');
    json = field;
  }
  if (!isUtf8(json)) return failure('NOT_UTF8', 'The payload is not valid UTF-8.');
  const text = json.toString('utf8');
  let payload: unknown;
  try {
    payload = JSON.parse(text);
  } catch {
    // The parser's own message quotes the body: it is dropped, payloads do not belong into answers and logs.
    return failure('NOT_JSON', 'The payload is not valid JSON.');
  }
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    return failure('NOT_AN_OBJECT', 'The payload is valid JSON but not an object.');
  }
  return { success: true, json, text, payload: payload as Payload };
}

function failure(reason: Extract<PayloadResult, { success: false }>['reason'], detail: string): PayloadResult {
  return { success: false, reason, detail };
}

/** SHA-256 of the JSON payload's bytes: the json and the form delivery of one event have the same. */
export function payloadDigest(json: Buffer): Buffer {
  return hash('sha256', json, 'buffer');
}
