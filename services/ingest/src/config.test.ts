import { describe, expect, it } from '@jest/globals';
import { graceProblems } from './config.ts';

describe('graceProblems', () => {
  // GitHub does not deliver again by itself: a deliverer whose connection is cut in mid-append has to be told by hand.
  it('refuses a stop that could not wait for an append', () => {
    expect(graceProblems({ stopGraceMs: 8001, appendDeadlineMs: 8000 })).toEqual([]);
    expect(graceProblems({ stopGraceMs: 8000, appendDeadlineMs: 8000 })).toEqual([
      'HOOKLINE_STOP_GRACE_MS is 8000: it must be above HOOKLINE_INGEST_APPEND_DEADLINE_MS (8000), or a stop could end ' +
        'deliveries that are on their way into the log without an answer.',
    ]);
  });

  it('leaves a value that is wrong by itself to its own message', () => {
    expect(graceProblems({ appendDeadlineMs: 8000 })).toEqual([]);
    expect(graceProblems({ stopGraceMs: 1 })).toEqual([]);
  });
});
