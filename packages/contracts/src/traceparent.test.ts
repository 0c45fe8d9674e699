import { expect, it } from '@jest/globals';
import { isSampledTraceparent, validTraceparent } from './traceparent.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

it.each([
  [`00-${TRACE}-${SPAN}-01`, true],
  [`00-${TRACE}-${SPAN}-00`, true],
  [`00-${'0'.repeat(32)}-${SPAN}-01`, false],
  [`00-${TRACE}-${'0'.repeat(16)}-01`, false],
  [`ff-${TRACE}-${SPAN}-01`, false],
  [`00-${TRACE.toUpperCase()}-${SPAN}-01`, false],
  [`00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`, false],
  [undefined, false],
  [[`00-${TRACE}-${SPAN}-01`], false],
])('%s is valid: %s', (header, valid) => {
  expect(validTraceparent(header)).toBe(valid ? header : undefined);
});

it.each([
  ['00', false],
  ['01', true],
  ['02', false],
  ['0a', false],
  ['0b', true],
  ['ff', true],
  ['fe', false],
])('the flags %s say that it is recorded: %s', (flags, recorded) => {
  expect(isSampledTraceparent(`00-${TRACE}-${SPAN}-${flags}`)).toBe(recorded);
});
