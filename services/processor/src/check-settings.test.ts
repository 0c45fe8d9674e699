import { describe, expect, it } from '@jest/globals';
import { readConfig } from '@hookline/runtime';
import { settingProblems } from './check-settings.ts';
import { processorOptions, type ProcessorConfig } from './config.ts';

const read = readConfig(processorOptions, {
  HOOKLINE_KAFKA_BROKERS: 'localhost:9092',
  HOOKLINE_REGISTRY_URL: 'http://localhost:8081',
  HOOKLINE_DATABASE_URL: 'postgresql://localhost/hookline',
});
if (!read.success) throw new Error(read.errors.join('\n'));
const defaults = read.config;

const DAY_MS = 24 * 60 * 60 * 1000;

/** A value that contradicts the default of another setting, and the nearest one that does not. */
const CONTRADICTIONS: { bad: Partial<ProcessorConfig>; good: Partial<ProcessorConfig>; names: string[] }[] = [
  {
    bad: { watchdogMs: 6000 },
    good: { watchdogMs: 6001 },
    names: ['HOOKLINE_WATCHDOG_MS', 'HOOKLINE_SESSION_TIMEOUT_MS'],
  },
  {
    bad: { sessionTimeoutMs: 120_000, watchdogMs: 0 },
    good: { sessionTimeoutMs: 119_999, watchdogMs: 0 },
    names: ['HOOKLINE_STUCK_MS', 'HOOKLINE_SESSION_TIMEOUT_MS'],
  },
  {
    bad: { registryTimeoutMs: 120_000 },
    good: { registryTimeoutMs: 119_999 },
    names: ['HOOKLINE_STUCK_MS', 'HOOKLINE_REGISTRY_TIMEOUT_MS'],
  },
  {
    bad: { stuckMs: 60_000 },
    good: { stuckMs: 60_001 },
    names: ['HOOKLINE_STUCK_MS', 'HOOKLINE_HANDLER_TIMEOUT_MS', 'HOOKLINE_STATEMENT_TIMEOUT_MS'],
  },
  {
    bad: { statementTimeoutMs: 30_001 },
    good: { statementTimeoutMs: 30_000 },
    names: ['HOOKLINE_STATEMENT_TIMEOUT_MS', 'HOOKLINE_HANDLER_TIMEOUT_MS'],
  },
  {
    bad: { breakerWindowMs: 30_000 },
    good: { breakerWindowMs: 30_001 },
    names: ['HOOKLINE_BREAKER_WINDOW_MS', 'HOOKLINE_HANDLER_TIMEOUT_MS'],
  },
  {
    bad: { laneRetryMinMs: 300_001 },
    good: { laneRetryMinMs: 300_000 },
    names: ['HOOKLINE_LANE_RETRY_MIN_MS', 'HOOKLINE_LANE_RETRY_MAX_MS'],
  },
  {
    bad: { laneConcurrency: 16 },
    good: { laneConcurrency: 15 },
    names: ['HOOKLINE_LANE_CONCURRENCY', 'HOOKLINE_DATABASE_POOL_SIZE'],
  },
  {
    bad: { queueRecords: 499 },
    good: { queueRecords: 500 },
    names: ['HOOKLINE_SLICE_RECORDS', 'HOOKLINE_QUEUE_RECORDS'],
  },
  {
    bad: { sliceBytes: 2 ** 23 + 1 },
    good: { sliceBytes: 2 ** 23 },
    names: ['HOOKLINE_SLICE_BYTES', 'HOOKLINE_QUEUE_BYTES'],
  },
  {
    bad: { queueRecords: 20_001 },
    good: { queueRecords: 20_000 },
    names: ['HOOKLINE_QUEUE_RECORDS', 'HOOKLINE_QUEUE_TOTAL_RECORDS'],
  },
  {
    bad: { queueBytes: 2 ** 26 + 1 },
    good: { queueBytes: 2 ** 26 },
    names: ['HOOKLINE_QUEUE_BYTES', 'HOOKLINE_QUEUE_TOTAL_BYTES'],
  },
  {
    bad: { laneTotalBytes: 2 ** 28 - 1 },
    good: { laneTotalBytes: 2 ** 28 },
    names: ['HOOKLINE_LANE_KEY_BYTES', 'HOOKLINE_LANE_TOTAL_BYTES'],
  },
  {
    bad: { horizonMs: 12 * DAY_MS },
    good: { horizonMs: 12 * DAY_MS + 1 },
    names: ['HOOKLINE_HORIZON_MS', 'HOOKLINE_TOPIC_RETENTION_MS', 'HOOKLINE_REDELIVERY_WINDOW_MS'],
  },
  { bad: { stopGraceMs: 7000 }, good: { stopGraceMs: 7001 }, names: ['HOOKLINE_STOP_GRACE_MS', '7000'] },
];

// Each value is within its range. Together they would make a processor that ends itself, or waits for itself, in a
// situation that comes months after the start: only the start is a moment at which somebody looks.
describe('settingProblems', () => {
  it('finds nothing wrong with the defaults', () => {
    expect(settingProblems(defaults)).toEqual([]);
  });

  it.each(CONTRADICTIONS)('refuses $bad, in a sentence that names $names', ({ bad, good, names }) => {
    const problems = settingProblems({ ...defaults, ...bad });
    expect(problems).toHaveLength(1);
    for (const name of names) expect(problems[0]).toContain(name);
    expect(problems[0]).toMatch(/, or .*\.$/);
    expect(settingProblems({ ...defaults, ...good })).toEqual([]);
  });

  it('lets the watchdog be off', () => {
    expect(settingProblems({ ...defaults, watchdogMs: 0 })).toEqual([]);
  });

  it('tells all at once', () => {
    expect(settingProblems({ ...defaults, watchdogMs: 1, laneConcurrency: 100, stopGraceMs: 0 })).toHaveLength(3);
  });

  // It is absent then, and its own message has been told already.
  it('leaves a value that is wrong by itself to its own message', () => {
    expect(settingProblems({})).toEqual([]);
    for (const setting of Object.keys(defaults)) {
      const { [setting as keyof ProcessorConfig]: _, ...others } = defaults;
      expect(settingProblems(others)).toEqual([]);
    }
  });
});
