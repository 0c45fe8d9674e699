import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createOutbound, type Outbound } from '@hookline/outbound';
import { systemClock, type EffectKind } from '@hookline/runtime';
import { verify } from '@octokit/webhooks-methods';
import { anAttempt, anEffect } from '../../testing/an-effect.ts';
import { startReceiver, type Receiver } from '../../testing/receiver.ts';
import { httpForward } from './http-forward.ts';
import type { RouteTarget } from './route-targets.ts';

const effectId = '0f8fad5b-d9cb-869f-a165-70867728950e';
const direct = { caFile: undefined, httpProxy: undefined, httpsProxy: undefined, noProxy: undefined };
/** As GitHub has sent it: not as JSON.stringify would write it, and with a byte that is no UTF-8. */
const body = Buffer.concat([
  Buffer.from('{ "ref":"refs/heads/\\u006dain",  "x":"'),
  Buffer.from([0xff]),
  Buffer.from('"}\n'),
]);
const headers = {
  'x-github-event': 'push',
  'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
  'x-github-hook-id': '292430182',
  'user-agent': 'GitHub-Hookshot/044aadd',
  'content-type': 'application/json',
};

let receiver: Receiver;
let outbound: Outbound;

beforeEach(async () => {
  receiver = await startReceiver();
  outbound = createOutbound({ ...direct, outboundAllow: ['127.0.0.1'] });
});

afterEach(async () => {
  await outbound.close();
  await receiver.close();
});

function kindOf(route: Partial<RouteTarget> = {}): EffectKind {
  const target: RouteTarget = {
    name: 'ci',
    url: `${receiver.url}/hook`,
    secret: "the route's",
    timeoutMs: null,
    maxAttempts: null,
    on4xx: 'dead-letter',
    ...route,
  };
  return httpForward({ outbound, clock: systemClock }, () => new Map([['ci', target]]));
}

const aForward = (effect: object = {}) =>
  anEffect({ kind: 'http.forward', request: { route: 'ci' }, body, headers, ...effect });

describe('http.forward', () => {
  it("sends the delivery as it was, with GitHub's headers and the effect's id", async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const stray = { ...headers, 'x-hub-signature-256': 'sha256=old', cookie: 'a=b' };
    expect(await kindOf().send(aForward({ traceparent, headers: stray }), anAttempt())).toEqual({
      outcome: 'sent',
      result: { status: 204 },
    });
    expect(receiver.received).toHaveLength(1);
    const [received] = receiver.received;
    expect(received).toMatchObject({ method: 'POST', url: '/hook', body });
    expect(received?.headers).toMatchObject({
      ...headers,
      traceparent,
      'idempotency-key': effectId,
      'x-hookline-effect': effectId,
    });
    expect(received?.headers).not.toHaveProperty('cookie');
    expect(received?.headers['x-hub-signature-256']).not.toBe('sha256=old');
  });

  it('is signed with the secret of the route, over the bytes', async () => {
    // What GitHub's own verifier takes is text.
    const text = '{ "ref":"refs/heads/\\u006dain" }\n';
    await kindOf().send(aForward({ body: Buffer.from(text) }), anAttempt());
    const signature = receiver.received[0]?.headers['x-hub-signature-256'] as string;
    expect(await verify("the route's", text, signature)).toBe(true);
    expect(await verify('another', text, signature)).toBe(false);
    await kindOf().send(aForward(), anAttempt());
    const hmac = (algorithm: string) => createHmac(algorithm, "the route's").update(body).digest('hex');
    expect(receiver.received[1]?.headers).toMatchObject({
      'x-hub-signature-256': `sha256=${hmac('sha256')}`,
      'x-hub-signature': `sha1=${hmac('sha1')}`,
    });
  });

  it('keeps the encoding of a form, and is not signed without a secret', async () => {
    const type = 'application/x-www-form-urlencoded';
    const form = Buffer.from('payload=%7B%22ref%22%3A%22x%22%7D');
    await kindOf({ secret: null }).send(
      aForward({ body: form, headers: { ...headers, 'content-type': type } }),
      anAttempt(),
    );
    expect(receiver.received).toMatchObject([{ body: form, headers: { 'content-type': type } }]);
    expect(receiver.received[0]?.headers).not.toHaveProperty('x-hub-signature-256');
    expect(receiver.received[0]?.headers).not.toHaveProperty('x-hub-signature');
  });

  it('waits for a route that the relay does not have yet', async () => {
    expect(await kindOf().send(aForward({ request: { route: 'new' } }), anAttempt())).toEqual({
      outcome: 'failed',
      error: 'HOOKLINE_ROUTES_FILE has no route named "new"',
    });
  });

  it('cannot be sent without the delivery', async () => {
    expect(await kindOf().send(aForward({ body: null }), anAttempt())).toMatchObject({ outcome: 'refused' });
  });

  it('takes no longer than its route allows, and no longer than its attempt', async () => {
    const hanging = await startReceiver(() => {});
    try {
      const soon = { outcome: 'ambiguous', error: expect.stringContaining('not done within 50 ms') };
      const slow = kindOf({ url: hanging.url, timeoutMs: 50 });
      expect(await slow.send(aForward(), anAttempt())).toEqual(soon);
      const patient = kindOf({ url: hanging.url, timeoutMs: 60_000 });
      expect(await patient.send(aForward(), anAttempt({ deadlineMs: 50 }))).toEqual(soon);
    } finally {
      await hanging.close();
    }
  });

  it('is tried again after 4xx only where its route says so', async () => {
    const refusing = await startReceiver((response) => response.writeHead(422).end());
    try {
      const { url } = refusing;
      expect(await kindOf({ url }).send(aForward(), anAttempt())).toMatchObject({ outcome: 'refused' });
      expect(await kindOf({ url, on4xx: 'retry' }).send(aForward(), anAttempt())).toMatchObject({ outcome: 'failed' });
    } finally {
      await refusing.close();
    }
  });

  it('to an address that is not allowed waits until the operator has mended that', async () => {
    const { port } = new URL(receiver.url);
    const result = await kindOf({ url: `http://127.0.0.2:${port}/` }).send(aForward(), anAttempt());
    expect(result).toMatchObject({ outcome: 'failed', error: expect.stringContaining('HOOKLINE_OUTBOUND_ALLOW') });
  });

  it('is sent again when nobody knows whether it arrived, under the limits and attempts of its route', () => {
    const kind = kindOf({ maxAttempts: 3 });
    expect(kind.onAmbiguous(aForward())).toBe('resend');
    expect(kind.target(aForward())).toBe('route:ci');
    expect(kind.target(aForward({ request: null }))).toBe('route:');
    expect(kind.maxAttempts?.(aForward())).toBe(3);
    expect(kindOf().maxAttempts?.(aForward())).toBeUndefined();
    expect(kind.maxAttempts?.(aForward({ request: { route: 'new' } }))).toBeUndefined();
  });
});
