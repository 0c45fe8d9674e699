import { payloadEncoding, readPayload } from '@hookline/github';
import { printable } from '../printable.ts';

/** A body as programs read it: as text where it is text, else in base64. */
export function bodyJson(body: Buffer): { encoding: 'utf8' | 'base64'; text: string } {
  const text = body.toString('utf8');
  return Buffer.from(text).equals(body)
    ? { encoding: 'utf8', text }
    : { encoding: 'base64', text: body.toString('base64') };
}

/** A body as people read it: its payload, indented; or as it is where that cannot be read. */
export function bodyText(body: Buffer, contentType: string | undefined): string {
  const payload = readPayload(body, payloadEncoding(contentType) ?? 'json');
  return printable(payload.success ? JSON.stringify(payload.payload, null, 2) : bodyJson(body).text);
}
