import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { payloadDigest, readPayload } from './payload.ts';
import { examples } from './testing/descriptions.ts';

const formOf = (json: string) => Buffer.from(new URLSearchParams({ payload: json }).toString());

describe('readPayload', () => {
  it('reads the same payload and digest from the json and the form delivery of one event, for every example', () => {
    for (const { name, examples: payloads } of examples) {
      for (const example of payloads) {
        const text = JSON.stringify(example);
        const asJson = readPayload(Buffer.from(text), 'json');
        const asForm = readPayload(formOf(text), 'form');
        if (!asJson.success || !asForm.success) throw new Error(`${name} was not read`);
        expect(asForm.payload).toEqual(example);
        expect(asForm.text).toBe(text);
        expect(payloadDigest(asForm.json)).toEqual(payloadDigest(asJson.json));
        expect(payloadDigest(asJson.json)).toEqual(createHash('sha256').update(text).digest());
      }
    }
  });

  it.each([
    ['json', '', 'NOT_JSON'],
    ['json', '{"secret value', 'NOT_JSON'],
    ['json', '\uFEFF{}', 'NOT_JSON'],
    ['json', 'null', 'NOT_AN_OBJECT'],
    ['json', '[{}]', 'NOT_AN_OBJECT'],
    ['json', '"text"', 'NOT_AN_OBJECT'],
    ['json', '7', 'NOT_AN_OBJECT'],
    ['form', '', 'FIELD_MISSING'],
    ['form', '{}', 'FIELD_MISSING'],
    ['form', 'payload=', 'NOT_JSON'],
    ['form', 'payload={}&payload={}', 'FIELD_REPEATED'],
    ['form', 'payload={"a":"%ff"}', 'NOT_UTF8'],
  ] as const)('refuses %s %j: %s', (encoding, body, reason) => {
    const result = readPayload(Buffer.from(body), encoding);
    expect(result).toMatchObject({ success: false, reason });
  });

  it('refuses bytes that are not UTF-8, which every reader would replace in its own way', () => {
    const result = readPayload(Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xe9]), Buffer.from('"}')]), 'json');
    expect(result).toMatchObject({ success: false, reason: 'NOT_UTF8' });
  });

  it('quotes nothing of the body in what it says of it', () => {
    const result = readPayload(Buffer.from('{"token":"ghp_abc'), 'json');
    expect(JSON.stringify(result)).not.toContain('ghp_');
  });
});
