import { expect, it } from '@jest/globals';
import { DemoError, describeError } from './demo-error.ts';

it.each([
  [new DemoError('It broke.'), 'It broke.'],
  [new DemoError('It broke: ENOSPC', { cause: new Error('ENOSPC') }), 'It broke: ENOSPC'],
  [new Error('It broke.', { cause: new Error('why') }), 'It broke.\n  Cause: why'],
  [new AggregateError([]), 'AggregateError'],
  ['text', 'text'],
])('%p is told as %j', (error, text) => expect(describeError(error)).toBe(text));
