import { describe, expect, it } from '@jest/globals';
import { parseArguments, usage } from './arguments.ts';
import { aBench } from './testing/a-bench.ts';

const benches = [aBench({ name: 'one' }), aBench({ name: 'other' })];
const chosen = (...args: string[]) => {
  const result = parseArguments(args, benches);
  return result.success && !result.help
    ? { ...result.options, benches: result.options.benches.map(({ name }) => name) }
    : result;
};

describe('the command line', () => {
  it('runs all benches, or those that are named', () => {
    expect(chosen()).toEqual({
      benches: ['one', 'other'],
      pairs: 5,
      scale: 1,
      together: false,
      json: false,
      profiles: null,
    });
    expect(chosen('other', '--pairs', '3', '--scale=0.1', '--together', '--json', '--profile', 'here')).toEqual({
      benches: ['other'],
      pairs: 3,
      scale: 0.1,
      together: true,
      json: true,
      profiles: 'here',
    });
  });

  it.each([
    [['none'], 'There is no bench "none".'],
    [['--pairs', '0'], '--pairs is "0"; it must be a whole number above 0.'],
    [['--pairs', '1.5'], '--pairs is "1.5"; it must be a whole number above 0.'],
    [['--scale', '2'], '--scale is "2"; it must be above 0 and at most 1.'],
    [['--scale', 'half'], '--scale is "half"; it must be above 0 and at most 1.'],
  ])('refuses %j', (args, problem) => {
    expect(parseArguments(args, benches)).toEqual({ success: false, problem });
  });

  it('names what it does not know', () => {
    expect(parseArguments(['--fast'], benches)).toMatchObject({ problem: expect.stringContaining("'--fast'") });
  });

  it('lists every bench in its help', () => {
    expect(parseArguments(['--help', '--pairs', '2'], benches)).toEqual({ success: true, help: true });
    expect(usage(benches)).toMatch(/^ {2}one {4}compares.*\n {2}other {2}compares/m);
  });
});
