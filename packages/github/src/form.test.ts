import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formField } from './form.ts';

const values = (body: string | Uint8Array) => formField(Buffer.from(body as string), 'payload').map(String);

describe('formField', () => {
  it.each([
    ['payload=%7B%22a%22%3A+%22%2B%26%22%7D', ['{"a": "+&"}']],
    ['a=1&payload=x&b=2', ['x']],
    ['payload=1&payload=2', ['1', '2']],
    ['%70ayload=x', ['x']],
    ['payload', ['']],
    ['payload=', ['']],
    ['payload=a=b', ['a=b']],
    ['&&payload=%C3%A9&', ['é']],
    ['payload=%c3%A9', ['é']],
    ['payload=%', ['%']],
    ['payload=é%%26', ['é%&']],
    ['payload=%4', ['%4']],
    ['payload=%4z%z4%41', ['%4z%z4A']],
    ['xpayload=1&payloadx=2', []],
    ['', []],
  ])('%s holds %j', (body, expected) => {
    expect(values(body)).toEqual(expected);
  });

  it("agrees with the URL Standard's parser, for any bytes", () => {
    const piece = fc.constantFrom('payload', '=', '&', '+', '%', '%41', '%e9', '%C3%A9', '%26', 'é', 'z', '0');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const body = pieces.join('');
        // By a URL: Node's URLSearchParams alone breaks text beyond ASCII that has an escape which is none beside it.
        expect(values(body)).toEqual(new URL(`http://localhost/?${body}`).searchParams.getAll('payload'));
      }),
    );
  });

  it('gives back the bytes that were encoded, even those that are no text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const encoded = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
        expect(formField(Buffer.from(`x=1&payload=${encoded}`), 'payload')).toEqual([Buffer.from(bytes)]);
      }),
    );
  });
});
