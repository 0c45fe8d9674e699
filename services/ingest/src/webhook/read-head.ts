import type { IncomingHttpHeaders } from 'node:http';
import { MAX_BODY_BYTES } from '@hookline/contracts';
import {
  type DeliveryHeaders,
  type PayloadEncoding,
  payloadEncoding,
  readDeliveryHeaders,
  signatureShapeError,
} from '@hookline/github';
import type { AnswerCode } from '../answers.ts';

/** What is known of a delivery before a byte of its body is kept. Nothing of it is signed. */
export interface Head {
  encoding: PayloadEncoding;
  signature: string;
  delivery: DeliveryHeaders;
}

export type HeadResult = { success: true; head: Head } | { success: false; code: AnswerCode };

/**
 * All checks that need no body, in the order in which a sender would mend them: method, media type, signature,
 * GitHub's headers, declared size. Whoever fails here costs no memory: a request without the shape of a signature is
 * never read.
 */
export function readHead(request: { method?: string | undefined; headers: IncomingHttpHeaders }): HeadResult {
  const { method, headers } = request;
  if (method !== 'POST') return { success: false, code: 'METHOD_NOT_ALLOWED' };
  const encoding = payloadEncoding(headers['content-type']);
  if (encoding === undefined) return { success: false, code: 'MEDIA_TYPE_UNSUPPORTED' };
  const compression = headers['content-encoding'];
  if (compression !== undefined && compression.toLowerCase() !== 'identity') {
    return { success: false, code: 'ENCODING_UNSUPPORTED' };
  }
  // Node joins a custom header that is sent twice into one text, which then has no signature's shape.
  const signature = headers['x-hub-signature-256'] as string | undefined;
  const shapeError = signatureShapeError(signature);
  if (shapeError !== undefined) return { success: false, code: shapeError };
  const delivery = readDeliveryHeaders(headers);
  if (!delivery.success) return { success: false, code: delivery.reason };
  if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) return { success: false, code: 'BODY_TOO_LARGE' };
  return { success: true, head: { encoding, signature: signature as string, delivery: delivery.headers } };
}
