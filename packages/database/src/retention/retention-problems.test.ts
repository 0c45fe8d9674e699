import { describe, expect, it } from '@jest/globals';
import { SEGMENT_MS } from '@hookline/contracts';
import { readConfig, retentionOptions } from '@hookline/runtime';
import { retentionProblems, type RetentionSettings } from './retention-problems.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const read = readConfig(retentionOptions, {});
if (!read.success) throw new Error(read.errors.join('\n'));
const defaults: RetentionSettings = read.config;

// What is removed cannot be brought back, so that a contradiction must be found before anything is: a horizon that is too
// short runs deliveries twice, months after somebody has typed it.
describe('retentionProblems', () => {
  it('finds nothing wrong with the defaults', () => {
    expect(retentionProblems(defaults)).toEqual([]);
  });

  it('has the horizon outlast a redelivery at the end of the window that waits in the log to the end of its life', () => {
    const { topicRetentionMs, redeliveryWindowMs } = defaults;
    const least = topicRetentionMs + SEGMENT_MS + redeliveryWindowMs;
    expect(retentionProblems({ ...defaults, horizonMs: least + 1 })).toEqual([]);
    const problems = retentionProblems({ ...defaults, horizonMs: least });
    expect(problems).toEqual([expect.stringMatching(/HOOKLINE_HORIZON_MS .*, or .*\.$/)]);
    expect(problems[0]).toContain('HOOKLINE_TOPIC_RETENTION_MS');
    expect(problems[0]).toContain('HOOKLINE_REDELIVERY_WINDOW_MS');
  });

  it('refuses the window of GHES with the default horizon: a longer one goes with it', () => {
    expect(retentionProblems({ ...defaults, redeliveryWindowMs: 7 * DAY_MS })).toHaveLength(1);
    expect(retentionProblems({ ...defaults, redeliveryWindowMs: 7 * DAY_MS, horizonMs: 17 * DAY_MS })).toEqual([]);
  });

  it.each([
    ['auditRetentionMs', 'HOOKLINE_AUDIT_RETENTION_MS'],
    ['deadLetterRetentionMs', 'HOOKLINE_DEAD_LETTER_RETENTION_MS'],
    ['commandRetentionMs', 'HOOKLINE_COMMAND_RETENTION_MS'],
  ] as const)('has %s not be below the horizon', (setting, variable) => {
    const { horizonMs } = defaults;
    expect(retentionProblems({ ...defaults, [setting]: horizonMs })).toEqual([]);
    const problems = retentionProblems({ ...defaults, [setting]: horizonMs - 1 });
    expect(problems).toEqual([expect.stringMatching(/, or .*\.$/)]);
    expect(problems[0]).toContain(variable);
    expect(problems[0]).toContain('HOOKLINE_HORIZON_MS');
  });

  // Its handlers would run, and nothing of what they ask for would be done.
  it('has effects not be known for longer than deliveries', () => {
    const { horizonMs } = defaults;
    expect(retentionProblems({ ...defaults, effectRetentionMs: horizonMs })).toEqual([]);
    const problems = retentionProblems({ ...defaults, effectRetentionMs: horizonMs + 1 });
    expect(problems).toEqual([
      expect.stringMatching(/^HOOKLINE_EFFECT_RETENTION_MS .* HOOKLINE_HORIZON_MS .*, or .*\.$/),
    ]);
  });

  it('goes by what Kafka has, where that was asked', () => {
    const log = { retentionMs: defaults.topicRetentionMs, segmentMs: 7 * DAY_MS };
    expect(retentionProblems(defaults, log)).toEqual([expect.stringContaining('one segment of the log (604800000)')]);
    expect(retentionProblems(defaults, { ...log, segmentMs: 1 })).toEqual([]);
    expect(retentionProblems(defaults, { ...log, retentionMs: null })).toEqual([
      expect.stringContaining('keeps records for ever'),
    ]);
  });

  it('tells all at once, and leaves a value that is wrong by itself to its own message', () => {
    expect(
      retentionProblems({ ...defaults, horizonMs: 36_500 * DAY_MS, topicRetentionMs: 36_500 * DAY_MS }),
    ).toHaveLength(4);
    expect(retentionProblems({})).toEqual([]);
    for (const setting of Object.keys(defaults)) {
      const { [setting as keyof RetentionSettings]: _, ...others } = defaults;
      expect(retentionProblems(others)).toEqual([]);
    }
  });
});
