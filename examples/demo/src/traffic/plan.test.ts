import { createHmac } from 'node:crypto';
import { MAX_BODY_BYTES } from '@hookline/contracts';
import { payloadDigest, readPayload, verifySignature } from '@hookline/github';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { loadExamples } from './examples.ts';
import { planTraffic } from './plan.ts';
import type { WebhookRequest } from './request.ts';

const secret = 'It is a secret';
const target = { path: '/webhooks/demo', namespace: 'github.com', dedupScope: 'demo', secret };
const examples = loadExamples();
let guids = 0;
const newGuid = () => `00000000-0000-4000-8000-${String((guids += 1)).padStart(12, '0')}`;

let lanes: WebhookRequest[][];
let all: WebhookRequest[];
const ofKind = (kind: WebhookRequest['kind']) => all.filter((request) => request.kind === kind);
const verify = ({ body, headers }: WebhookRequest) =>
  verifySignature({
    body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
    signatureHeader: headers['X-Hub-Signature-256'],
    secrets: [{ label: 'demo', secret }],
  });

beforeAll(() => {
  lanes = planTraffic({ examples, target, newGuid, large: false });
  all = lanes.flat();
});

describe('the deliveries', () => {
  it('are every payload once, signed as GitHub signs, under a GUID of its own', () => {
    const events = ofKind('delivery').map(({ headers }) => headers['X-GitHub-Event'] ?? '');
    expect(events.toSorted()).toEqual(examples.map(({ event }) => event).toSorted());
    for (const delivery of ofKind('delivery')) {
      expect(verify(delivery)).toEqual({ success: true, label: 'demo' });
      const sha1 = createHmac('sha1', secret)
        .update(delivery.body as Buffer)
        .digest('hex');
      expect(delivery.headers['X-Hub-Signature']).toBe(`sha1=${sha1}`);
    }
    expect(new Set(ofKind('delivery').map(({ guid }) => guid)).size).toBe(examples.length);
  });

  it('are json and form encoded, and the payload is the same', () => {
    const encodings = new Set<string>();
    for (const { headers, body, delivery } of ofKind('delivery')) {
      const encoding = headers['Content-Type'] === 'application/json' ? 'json' : 'form';
      encodings.add(encoding);
      const payload = readPayload(body as Buffer, encoding);
      expect(payload.success && payloadDigest(payload.json).toString('hex')).toBe(delivery?.digest);
    }
    expect([...encodings].toSorted()).toEqual(['form', 'json']);
  });

  it('of one key share a lane, so that their order of arrival is known', () => {
    const laneOf = new Map<string, number>();
    for (const [i, lane] of lanes.entries()) {
      for (const { delivery } of lane) {
        if (!delivery) continue;
        expect(laneOf.get(delivery.key) ?? i).toBe(i);
        laneOf.set(delivery.key, i);
      }
    }
    expect(laneOf.has('github.com/repository/186853002')).toBe(true);
    expect(laneOf.has('github.com/scope/demo')).toBe(true);
  });

  it('are redelivered, some at once and some later, byte for byte', () => {
    const byGuid = new Map(ofKind('delivery').map((delivery) => [delivery.guid, delivery]));
    expect(ofKind('redelivery').length).toBeGreaterThan(examples.length / 5);
    for (const redelivery of ofKind('redelivery')) {
      const original = byGuid.get(redelivery.guid)!;
      expect(redelivery.headers).toEqual(original.headers);
      expect((redelivery.body as Buffer).equals(original.body as Buffer)).toBe(true);
      expect(all.findIndex(({ guid }) => guid === redelivery.guid)).toBeLessThan(all.indexOf(redelivery));
    }
    const gaps = ofKind('redelivery').map((it) => all.indexOf(it) - all.findIndex(({ guid }) => guid === it.guid));
    expect(gaps.some((gap) => gap === 1)).toBe(true);
    expect(gaps.some((gap) => gap > 1)).toBe(true);
  });

  it('include one of the largest size on request, and not a byte more', () => {
    const large = planTraffic({ examples: [], target, newGuid, large: true })
      .flat()
      .filter(({ delivery }) => delivery);
    expect(large.map(({ body }) => (body as Buffer).length)).toEqual([MAX_BODY_BYTES]);
    expect(readPayload(large[0]?.body as Buffer, 'json').success).toBe(true);
  });
});

// Each is judged here by the same functions that ingest uses, and by ingest itself in the end-to-end test.
describe('what must be refused', () => {
  it('are forgeries that keep the GUID of a genuine delivery and do not verify', () => {
    expect(ofKind('forged').length).toBeGreaterThan(50);
    const genuine = new Set(ofKind('delivery').map(({ guid }) => guid));
    for (const forged of ofKind('forged')) {
      expect(verify(forged)).toEqual({ success: false, reason: forged.expected.code });
      expect(genuine.has(forged.guid)).toBe(true);
      expect(forged.delivery).toBeUndefined();
    }
    const codes = new Set(ofKind('forged').map(({ expected }) => expected.code));
    expect([...codes].toSorted()).toEqual(['SIGNATURE_MALFORMED', 'SIGNATURE_MISMATCH', 'SIGNATURE_MISSING']);
  });

  it('alters bodies that have no digit as well', () => {
    const plain = planTraffic({ examples: [{ event: 'ping', json: '{}' }], target, newGuid, large: false }).flat();
    const altered = plain.find(({ name }) => name === 'body altered after signing')!;
    expect(verify(altered)).toEqual({ success: false, reason: 'SIGNATURE_MISMATCH' });
  });

  it('are malformed requests that are signed rightly', () => {
    for (const malformed of ofKind('malformed')) expect(verify(malformed)).toEqual({ success: true, label: 'demo' });
    expect(ofKind('malformed').map(({ expected }) => expected.status)).toEqual(
      expect.arrayContaining([400, 404, 405, 415]),
    );
    expect(ofKind('malformed').every(({ headers }) => Object.values(headers).every((it) => it !== undefined))).toBe(
      true,
    );
  });

  it('are bodies of one byte too many, announced and not', () => {
    expect(ofKind('oversized').map(({ body, headers }) => [body, headers['Content-Length']])).toEqual([
      [{ framing: 'declared', length: MAX_BODY_BYTES + 1 }, String(MAX_BODY_BYTES + 1)],
      [{ framing: 'chunked', length: MAX_BODY_BYTES + 1 }, undefined],
    ]);
  });
});
