import { describe, expect, it } from '@jest/globals';
import { systemClock } from './clock.ts';
import { HooklineError } from './errors.ts';

describe('HooklineError', () => {
  it('is an Error with a code, and keeps its cause', () => {
    const cause = new Error('ECONNREFUSED');
    const error = new HooklineError('REGISTRY_UNAVAILABLE', 'Start the registry.', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'HooklineError', code: 'REGISTRY_UNAVAILABLE', cause });
  });
});

describe('the clock of the system', () => {
  it('tells the time, and durations that never are negative', () => {
    const [before, began] = [Date.now(), systemClock.monotonic()];
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(began);
  });
});
