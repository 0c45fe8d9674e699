import { describe, expect, it } from '@jest/globals';
import * as octokit from '@octokit/webhooks-methods';
import fc from 'fast-check';
import { sign, signatureShapeError, verifySignature } from './signature.ts';

const body = Buffer.from('{"zen":"Design for failure."}');
const secrets = [
  { label: 'new', secret: 'a secret' },
  { label: 'old', secret: 'another secret' },
];
const verify = (signatureHeader: string | undefined, accepted = secrets) =>
  verifySignature({ body, signatureHeader, secrets: accepted });

describe('verifySignature', () => {
  it("agrees with GitHub's own published example", () => {
    const result = verifySignature({
      body: Buffer.from('Hello, World!'),
      signatureHeader: 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
      secrets: [{ label: 'docs', secret: "It's a Secret to Everybody" }],
    });
    expect(result).toEqual({ success: true, label: 'docs' });
  });

  it('tries every secret and names the one that fits', () => {
    expect(verify(sign(body, 'a secret'))).toEqual({ success: true, label: 'new' });
    expect(verify(sign(body, 'another secret'))).toEqual({ success: true, label: 'old' });
    expect(verify(sign(body, 'a third'))).toEqual({ success: false, reason: 'SIGNATURE_MISMATCH' });
    expect(verify(sign(body, 'a secret'), [])).toEqual({ success: false, reason: 'SIGNATURE_MISMATCH' });
  });

  it('never tries an empty secret, with which anybody could sign', async () => {
    const { createHmac } = await import('node:crypto');
    const forged = `sha256=${createHmac('sha256', '').update(body).digest('hex')}`;
    expect(verify(forged, [{ label: 'empty', secret: '' }, ...secrets])).toEqual({
      success: false,
      reason: 'SIGNATURE_MISMATCH',
    });
    expect(() => sign(body, '')).toThrow(RangeError);
  });

  it('tells a missing from a malformed signature, before it looks at the body', () => {
    const right = sign(body, 'a secret');
    for (const header of [undefined, '']) expect(signatureShapeError(header)).toBe('SIGNATURE_MISSING');
    for (const header of [
      'sha256=',
      right.slice(0, -1),
      `${right}0`,
      right.toUpperCase(),
      right.replace('sha256', 'sha1'),
      ` ${right}`,
      `${right}\n`,
      `${right}, ${right}`,
      right.slice('sha256='.length),
      `sha256=${'g'.repeat(64)}`,
    ]) {
      expect([header, signatureShapeError(header)]).toEqual([header, 'SIGNATURE_MALFORMED']);
      expect(verify(header)).toEqual({ success: false, reason: 'SIGNATURE_MALFORMED' });
    }
    expect(verify(undefined)).toEqual({ success: false, reason: 'SIGNATURE_MISSING' });
    expect(signatureShapeError(right)).toBeUndefined();
  });

  const text = fc.string({ unit: 'binary', minLength: 1 });

  it('agrees with @octokit/webhooks-methods in both directions, for any text and secret', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, async (payload, secret) => {
        const bytes = Buffer.from(payload);
        const theirs = await octokit.sign(secret, payload);
        expect(verifySignature({ body: bytes, signatureHeader: theirs, secrets: [{ label: 'x', secret }] })).toEqual({
          success: true,
          label: 'x',
        });
        expect(await octokit.verify(secret, payload, sign(bytes, secret))).toBe(true);
      }),
    );
  });

  it('accepts no body that differs in one byte, and no other secret', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 2000 });
    fc.assert(
      fc.property(bytes, text, text, fc.nat(), fc.integer({ min: 1, max: 255 }), (raw, secret, other, at, flip) => {
        const signatureHeader = sign(raw, secret);
        const changed = Uint8Array.from(raw);
        changed[at % raw.length] = (changed[at % raw.length] as number) ^ flip;
        const accepted = [{ label: 'x', secret }];
        expect(verifySignature({ body: raw, signatureHeader, secrets: accepted }).success).toBe(true);
        expect(verifySignature({ body: changed, signatureHeader, secrets: accepted }).success).toBe(false);
        fc.pre(other !== secret && !other.startsWith(secret) && !secret.startsWith(other));
        const others = [{ label: 'x', secret: other }];
        expect(verifySignature({ body: raw, signatureHeader, secrets: others }).success).toBe(false);
      }),
    );
  });
});
