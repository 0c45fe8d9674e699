import { expect, it } from '@jest/globals';
import { payloadEncoding } from './media-type.ts';

it.each([
  ['application/json', 'json'],
  ['Application/JSON; charset=UTF-8', 'json'],
  ['application/json;charset="utf-8"', 'json'],
  ['application/json; version=1', 'json'],
  ['application/x-www-form-urlencoded', 'form'],
  ['application/x-www-form-urlencoded; charset=utf-8', 'form'],
  ['application/json; charset=iso-8859-1', undefined],
  ['application/json-patch+json', undefined],
  ['application/xml', undefined],
  ['text/plain', undefined],
  ['multipart/form-data; boundary=x', undefined],
  ['constructor', undefined],
  ['', undefined],
  [undefined, undefined],
])('%s is %s', (header, encoding) => {
  expect(payloadEncoding(header)).toBe(encoding);
});
