import { describe, expect, it } from '@jest/globals';
import { readConfig } from '@hookline/runtime';
import { settingProblems } from './check-settings.ts';
import { relayOptions } from './config.ts';

const problemsOf = (environment: Record<string, string>) => {
  const read = readConfig(relayOptions, { HOOKLINE_DATABASE_URL: 'postgresql://localhost/x', ...environment });
  return read.success ? settingProblems(read.config) : read.errors;
};

describe('settings that are right one by one', () => {
  it('are right together by default', () => {
    expect(problemsOf({})).toEqual([]);
  });

  it.each([
    [{ HOOKLINE_LEASE_MS: '14000' }, 'HOOKLINE_LEASE_MS is 14000', 'It must be 14667 at least.'],
    [
      { HOOKLINE_EFFECT_RETRY_MIN_MS: '2000000' },
      'HOOKLINE_EFFECT_RETRY_MIN_MS is above HOOKLINE_EFFECT_RETRY_MAX_MS.',
      '',
    ],
    [{ HOOKLINE_GITHUB_FILE: '/nowhere.json' }, 'HOOKLINE_GITHUB_FILE: It cannot be read', ''],
  ])('can be wrong together: %j', (environment, begin, end) => {
    const problems = problemsOf(environment);
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${begin}`))]);
    expect(problems[0]?.endsWith(end)).toBe(true);
  });

  it('says no more of what is wrong by itself', () => {
    expect(settingProblems({})).toEqual([]);
  });
});
