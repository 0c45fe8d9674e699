import { createHmac, timingSafeEqual } from 'node:crypto';

/** One of the secrets that a source accepts. The label says which it is in logs and records; the secret never appears. */
export interface LabelledSecret {
  label: string;
  secret: string;
}

export type VerifyResult =
  | { success: true; label: string }
  | { success: false; reason: 'SIGNATURE_MISSING' | 'SIGNATURE_MALFORMED' | 'SIGNATURE_MISMATCH' };

const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

/**
 * Whether the header could be a signature at all: `sha256=` and 64 lower-case hex digits, as GitHub writes it. It is
 * asked before a byte of the body is kept, so that a request without a signature costs no memory.
 *
 * @returns undefined for a well-formed header, else why it is none
 */
export function signatureShapeError(
  header: string | undefined,
): 'SIGNATURE_MISSING' | 'SIGNATURE_MALFORMED' | undefined {
  if (header === undefined || header === '') return 'SIGNATURE_MISSING';
  return SIGNATURE.test(header) ? undefined : 'SIGNATURE_MALFORMED';
}

/**
 * Verifies GitHub's `X-Hub-Signature-256` over the raw body, byte for byte as it arrived. Secrets are tried in the
 * order given and the first that fits is named; comparing takes the same time however much of a signature is right.
 * An empty secret is never tried: anybody can sign with it.
 *
 * @see https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function verifySignature(request: {
  body: Uint8Array;
  signatureHeader: string | undefined;
  secrets: readonly LabelledSecret[];
}): VerifyResult {
  const { body, signatureHeader, secrets } = request;
  const reason = signatureShapeError(signatureHeader);
  if (reason !== undefined) return { success: false, reason };
  const claimed = Buffer.from((signatureHeader as string).slice('sha256='.length), 'hex');
  for (const { label, secret } of secrets) {
    if (secret === '') continue;
    if (timingSafeEqual(claimed, createHmac('sha256', secret).update(body).digest())) return { success: true, label };
  }
  return { success: false, reason: 'SIGNATURE_MISMATCH' };
}

/** The `X-Hub-Signature-256` header that GitHub would send with this body. */
export function sign(body: Uint8Array | string, secret: string): string {
  if (secret === '') throw new RangeError('An empty secret signs nothing: anybody could make the same signature.');
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
