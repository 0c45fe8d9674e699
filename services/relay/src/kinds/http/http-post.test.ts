import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createOutbound, type Outbound } from '@hookline/outbound';
import { systemClock, type EffectKind } from '@hookline/runtime';
import { Webhook } from 'standardwebhooks';
import { anAttempt, anEffect } from '../../testing/an-effect.ts';
import { startReceiver, type Receiver } from '../../testing/receiver.ts';
import { httpPost } from './http-post.ts';

const key = Buffer.from('a key of thirty-two bytes, or so');
const effectId = '0f8fad5b-d9cb-869f-a165-70867728950e';
const direct = { caFile: undefined, httpProxy: undefined, httpsProxy: undefined, noProxy: undefined };

let receiver: Receiver;
let outbound: Outbound;
let kind: EffectKind;

beforeEach(async () => {
  receiver = await startReceiver();
  outbound = createOutbound({ ...direct, outboundAllow: ['127.0.0.1'] });
  kind = httpPost({ outbound, clock: systemClock }, () => new Map([['billing', key]]));
});

afterEach(async () => {
  await outbound.close();
  await receiver.close();
});

const post = (request: object = {}, effect: object = {}) =>
  kind.send(
    anEffect({
      request: { url: `${receiver.url}/hook?x=1`, body: '{"paid":"€ 5"}', headers: {}, signWith: null, ...request },
      ...effect,
    }),
    anAttempt(),
  );

describe('http.post', () => {
  it('sends the JSON byte for byte, with the id of the effect', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(await post({ headers: { 'X-Mine': 'yes' } }, { traceparent })).toEqual({
      outcome: 'sent',
      result: { status: 204 },
    });
    expect(receiver.received).toMatchObject([
      {
        method: 'POST',
        url: '/hook?x=1',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': effectId,
          'x-hookline-effect': effectId,
          'x-mine': 'yes',
          traceparent,
        },
        body: Buffer.from('{"paid":"€ 5"}'),
      },
    ]);
    expect(receiver.received[0]?.headers).not.toHaveProperty('webhook-signature');
    expect(receiver.received[0]?.headers['user-agent']).toMatch(/^Hookline\/\d/);
  });

  it('is signed so that a verifier of Standard Webhooks takes it, and nothing else', async () => {
    await post({ signWith: 'billing' });
    const [{ headers, body } = { headers: {}, body: Buffer.alloc(0) }] = receiver.received;
    const signed = headers as Record<string, string>;
    const verifier = new Webhook(`whsec_${key.toString('base64')}`);
    expect(verifier.verify(body.toString(), signed)).toEqual({ paid: '€ 5' });
    expect(signed['webhook-id']).toBe(effectId);
    expect(() => verifier.verify('{"paid":"€ 6"}', signed)).toThrow('No matching signature');
    const other = new Webhook(`whsec_${Buffer.alloc(32).toString('base64')}`);
    expect(() => other.verify(body.toString(), signed)).toThrow('No matching signature');
  });

  it('waits for a secret that the relay does not have', async () => {
    expect(await post({ signWith: 'unknown' })).toEqual({
      outcome: 'failed',
      error: 'HOOKLINE_SIGNING_SECRETS_FILE has no secret named "unknown"',
    });
    expect(receiver.received).toEqual([]);
  });

  it.each([
    [null, 'its request is no object'],
    [{ body: '{}', headers: {}, signWith: null }, 'its request has no url and body'],
    [{ url: 'http://a/', body: '{}', headers: {}, signWith: 1 }, 'its signWith is no name of a secret'],
    [{ url: 'http://a/', body: '{}', signWith: null }, 'its request has no headers'],
    [{ url: 'http://a/', body: '{}', headers: { A: 1 }, signWith: null }, 'its header a is no text'],
    [
      { url: 'http://a/', body: '{}', headers: { 'Idempotency-Key': 'x' }, signWith: null },
      'its header idempotency-key is set by Hookline',
    ],
    [
      { url: 'http://a/', body: '{}', headers: { 'Webhook-Signature': 'x' }, signWith: null },
      'its header webhook-signature is set by Hookline',
    ],
    [{ url: 'http://a/', body: '{}', headers: { Host: 'x' }, signWith: null }, 'its header host is not its own to set'],
  ])('refuses %j for good', async (request, error) => {
    expect(await kind.send(anEffect({ request }), anAttempt())).toEqual({ outcome: 'refused', error });
  });

  it('refuses a private address for good, since handlers take URLs from others', async () => {
    const { port } = new URL(receiver.url);
    expect(await post({ url: `http://127.0.0.2:${port}/` })).toMatchObject({
      outcome: 'refused',
      error: expect.stringContaining('127.0.0.2 is loopback'),
    });
  });

  it('is sent again when nobody knows whether it arrived, under the limits of its host', () => {
    const at = (url: unknown) => kind.target(anEffect({ request: { url } }));
    expect(kind.onAmbiguous(anEffect({}))).toBe('resend');
    expect(at('https://pay.example/a')).toBe(at('https://pay.example/b'));
    expect(at('https://pay.example/a')).not.toBe(at('https://other.example/a'));
    expect(at('nowhere')).toBe('host:');
    expect(kind.target(anEffect({ request: null }))).toBe('host:');
  });

  it('begins before it is sent, and is not sent when it may not begin', async () => {
    const begin = () => {
      throw new Error('the lease is over');
    };
    const request = { url: receiver.url, body: '{}', headers: {}, signWith: null };
    const result = await kind.send(anEffect({ request }), anAttempt({ begin }));
    expect(result).toMatchObject({ outcome: 'failed', error: expect.stringContaining('the lease is over') });
    expect(receiver.received).toEqual([]);
  });
});
