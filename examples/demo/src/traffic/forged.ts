import { sign } from '@hookline/github';
import type { WebhookRequest } from './request.ts';
import type { SignedDelivery } from './sign-delivery.ts';

type Forgery = (genuine: SignedDelivery) => { headers: Record<string, string | undefined>; body?: Buffer };

/** What somebody without the secret can try; each with the answer that it must get. */
const FORGERIES: Record<string, { code: string; forge: Forgery }> = {
  'wrong secret': {
    code: 'SIGNATURE_MISMATCH',
    forge: ({ body }) => ({ headers: { 'X-Hub-Signature-256': sign(body, 'not the secret') } }),
  },
  'body altered after signing': {
    code: 'SIGNATURE_MISMATCH',
    forge: ({ body }) => ({ headers: {}, body: altered(body) }),
  },
  'signature of another body': {
    code: 'SIGNATURE_MISMATCH',
    forge: () => ({ headers: { 'X-Hub-Signature-256': `sha256=${'0123456789abcdef'.repeat(4)}` } }),
  },
  'no signature': {
    code: 'SIGNATURE_MISSING',
    forge: () => ({ headers: { 'X-Hub-Signature-256': undefined, 'X-Hub-Signature': undefined } }),
  },
  'only the SHA-1 signature': {
    code: 'SIGNATURE_MISSING',
    forge: () => ({ headers: { 'X-Hub-Signature-256': undefined } }),
  },
  'SHA-1 where SHA-256 belongs': {
    code: 'SIGNATURE_MALFORMED',
    forge: ({ headers }) => ({ headers: { 'X-Hub-Signature-256': headers['X-Hub-Signature'] } }),
  },
  'signature cut short': {
    code: 'SIGNATURE_MALFORMED',
    forge: ({ headers }) => ({ headers: { 'X-Hub-Signature-256': headers['X-Hub-Signature-256']?.slice(0, -1) } }),
  },
};

/** Every kind of forgery of a genuine delivery, which keeps its GUID: none of them may stand in its way. */
export function forgeriesOf(genuine: SignedDelivery): WebhookRequest[] {
  return Object.entries(FORGERIES).map(([name, { code, forge }]) => {
    const { headers, body } = forge(genuine);
    const all = Object.entries({ ...genuine.headers, ...headers });
    return {
      ...genuine,
      kind: 'forged',
      name,
      headers: Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined)),
      body: body ?? genuine.body,
      expected: { status: 401, code },
      delivery: undefined,
    };
  });
}

/** The last digit of the first number is another: valid JSON still, about another repository perhaps. */
function altered(body: Buffer): Buffer {
  const text = body.toString('latin1');
  const changed = text.replace(/\d(?!\d)/, (digit) => String((Number(digit) + 1) % 10));
  return Buffer.from(changed === text ? `${text} ` : changed, 'latin1');
}
