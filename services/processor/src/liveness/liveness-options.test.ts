import { describe, expect, it } from '@jest/globals';
import type { Handler } from '@hookline/handlers';
import { policyProblems, stuckProblems } from './liveness-options.ts';

describe('stuckProblems', () => {
  // The silence that a slow handler and a slow statement are allowed would otherwise end the process, over and over.
  it('refuses a silence that the timeouts allow', () => {
    const timeouts = { handlerTimeoutMs: 30_000, statementTimeoutMs: 30_000 };
    expect(stuckProblems({ ...timeouts, stuckMs: 60_001 })).toEqual([]);
    expect(stuckProblems({ ...timeouts, stuckMs: 60_000 })).toEqual([
      'HOOKLINE_STUCK_MS is 60000: it must be above HOOKLINE_HANDLER_TIMEOUT_MS and HOOKLINE_STATEMENT_TIMEOUT_MS ' +
        'together (60000), or a slow handler would end the process.',
    ]);
  });

  it('leaves a value that is wrong by itself to its own message', () => {
    expect(stuckProblems({ handlerTimeoutMs: 30_000, statementTimeoutMs: 30_000 })).toEqual([]);
    expect(stuckProblems({ stuckMs: 1, statementTimeoutMs: 30_000 })).toEqual([]);
    expect(stuckProblems({ stuckMs: 1, handlerTimeoutMs: 30_000 })).toEqual([]);
  });
});

describe('policyProblems', () => {
  const limits = { stuckMs: 120_000, statementTimeoutMs: 30_000 };
  const handler = (timeoutMs?: number): Handler => {
    const policy = timeoutMs === undefined ? {} : { timeoutMs };
    return { kind: 'delivery', name: 'slow', on: ['*'], policy, run: () => Promise.resolve() };
  };

  it('refuses a handler that may be silent for as long', () => {
    expect(policyProblems([handler(), handler(89_999)], limits)).toEqual([]);
    expect(policyProblems([handler(90_000)], limits)).toEqual([
      'HOOKLINE_STUCK_MS is 120000: it must be above the timeout of handler slow (90000) and ' +
        'HOOKLINE_STATEMENT_TIMEOUT_MS together (120000), or the handler could end the process.',
    ]);
  });
});
