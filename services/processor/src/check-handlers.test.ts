import { describe, expect, it } from '@jest/globals';
import type { Handler, HandlerPolicy } from '@hookline/handlers';
import { checkHandlers } from './check-handlers.ts';

const handler = (name: string, policy?: HandlerPolicy): Handler => ({
  kind: 'delivery',
  name,
  on: ['*'],
  ...(policy && { policy }),
  run: () => Promise.resolve(),
});

const limits = { stuckMs: 120_000, statementTimeoutMs: 30_000 };

// With NaN attempts a delivery would never be exhausted, and of two handlers of one name the second never have a last run.
describe('handlers are refused at the start', () => {
  it.each<[string, Handler[], string]>([
    ['two of one name', [handler('a'), handler('b'), handler('a')], 'Two handlers are named a'],
    ['no name', [handler('')], '"" is no name of a handler'],
    ['a name that cannot be stored', [handler('a\0')], 'is no name of a handler'],
    ['no attempt', [handler('a', { maxAttempts: 0 })], 'maxAttempts of handler a is 0'],
    ['attempts that are no number', [handler('a', { maxAttempts: Number.NaN })], 'maxAttempts of handler a is NaN'],
    ['time for more than silence', [handler('a', { timeoutMs: 90_000 })], 'HOOKLINE_STUCK_MS is 120000'],
    ['no wait', [handler('a', { retry: { minMs: 0, maxMs: 5 } })], 'retry of handler a is {"minMs":0,"maxMs":5}'],
    ['a wait of no end', [handler('a', { retry: { minMs: 9, maxMs: 5 } })], 'minMs not above maxMs'],
    ['no wait at all', [handler('a', { retry: {} as never })], 'retry of handler a is {}'],
    ['no time', [handler('a', { timeoutMs: 0 })], 'timeoutMs of handler a is 0'],
  ])('%s', (_, handlers, said) => {
    expect(() => checkHandlers(handlers, limits)).toThrow(said);
  });

  it('and none of those that can be kept', () => {
    const patient = handler('a', { maxAttempts: 1, timeoutMs: 1, retry: { minMs: 1, maxMs: 1 } });
    expect(() => checkHandlers([handler('repository-activity'), patient], limits)).not.toThrow();
  });
});
