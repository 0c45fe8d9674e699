import { createHmac } from 'node:crypto';

/**
 * The headers that sign a body as Standard Webhooks says.
 *
 * @param sentAt milliseconds since the Unix epoch; receivers refuse what is some minutes old
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signedHeaders(id: string, sentAt: number, body: string, key: Buffer): Record<string, string> {
  const timestamp = String(Math.floor(sentAt / 1000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
