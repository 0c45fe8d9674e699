import { describe, expect, it } from '@jest/globals';
import { describeMachine } from '../report/machine.ts';
import { renderRedrive } from './render-redrive.ts';
import { isSound, type RedriveReport } from './run-redrive.ts';

const report: RedriveReport = {
  ...{ letters: 10, repositories: 2, rate: 0, perSecond: 5 },
  seconds: { makeDead: 1, command: 1.5, untilAllHaveRun: 2 },
  peakRssBytes: { command: null, processor: 2 ** 21 },
  cpuSeconds: { command: null, processor: 0.5 },
  checks: [
    { what: 'runs in all', found: 10, expected: 10 },
    { what: 'lanes open', found: 0, expected: 0 },
  ],
  verify: { before: null, after: null },
};
const doubled = { ...report, checks: [{ what: 'runs in all', found: 11, expected: 10 }] };
const damaged = { ...report, verify: { before: null, after: 'CLAIM_TWICE' } };

describe('the report of a redrive', () => {
  it('says what was measured, and that all is as it must be', () => {
    const text = renderRedrive(report, describeMachine());
    expect(text).toContain('redrive: 10 dead letters of 2 repositories, no rate.');
    expect(text).toContain('all had run after 2.0 s: 5 deliveries/s.');
    expect(text).toContain('command: ? MiB at most, ? s of CPU; processor: 2 MiB at most, 0.5 s of CPU.');
    expect(text).toMatch(/^✓ lanes open {3}0 of 0$/m);
    expect(text).toContain('\nAll is as it must be.');
    expect(isSound(report)).toBe(true);
  });

  it('says what is not as it must be', () => {
    expect(renderRedrive(doubled, describeMachine())).toMatch(
      /^✗ runs in all {2}11 of 10$[^]*NOT all is as it must be/m,
    );
    expect(renderRedrive(damaged, describeMachine())).toMatch(/^✗ CLAIM_TWICE$[^]*NOT all is as it must be/m);
    expect([isSound(doubled), isSound(damaged)]).toEqual([false, false]);
  });
});
