import { describe, expect, it } from '@jest/globals';
import { stuckProblems } from './liveness-options.ts';

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
