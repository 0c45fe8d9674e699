import { describe, expect, it } from '@jest/globals';
import { parseArguments } from './arguments.ts';
import { aBench } from './testing/a-bench.ts';

const benches = [aBench({ name: 'one' }), aBench({ name: 'other' })];
const chosen = (...args: string[]) => {
  const result = parseArguments(args, benches);
  return result.success && result.show === null
    ? { ...result.options, benches: result.options.benches.map(({ name }) => name) }
    : result;
};

describe('the command line', () => {
  it('runs all benches, or those that are named', () => {
    expect(chosen('--all')).toEqual({
      benches: ['one', 'other'],
      pairs: null,
      scale: 1,
      together: false,
      format: 'text',
      profiles: null,
      resume: null,
    });
    const options = ['--pairs', '3', '--scale=0.1', '--together', '--json', '--profile', 'here', '--resume', 'there'];
    expect(chosen('other', ...options)).toEqual({
      benches: ['other'],
      pairs: 3,
      scale: 0.1,
      together: true,
      format: 'json',
      profiles: 'here',
      resume: 'there',
    });
    expect(chosen('one', '--markdown')).toMatchObject({ format: 'markdown' });
  });

  it.each([
    [['none'], 'There is no bench "none".'],
    // Two hours of benches for a forgotten name are nobody's wish.
    [[], 'Name benches, or say --all.'],
    [['one', '--all'], 'Name benches, or say --all.'],
    [['one', '--json', '--markdown'], 'The report is --json or --markdown, not both.'],
    [['one', '--pairs', '0'], '--pairs is "0"; it must be a whole number above 0.'],
    [['one', '--pairs', '1.5'], '--pairs is "1.5"; it must be a whole number above 0.'],
    [['one', '--scale', '2'], '--scale is "2"; it must be above 0 and at most 1.'],
    [['one', '--scale', 'half'], '--scale is "half"; it must be above 0 and at most 1.'],
  ])('refuses %j', (args, problem) => {
    expect(parseArguments(args, benches)).toEqual({ success: false, problem });
  });

  it('names what it does not know', () => {
    expect(parseArguments(['--fast'], benches)).toMatchObject({ problem: expect.stringContaining("'--fast'") });
  });

  it('lists every bench, by itself and in its help', () => {
    const list = '  one    compares one thing with another.\n  other  compares one thing with another.\n';
    expect(parseArguments(['--list'], benches)).toEqual({ success: true, show: list });
    expect(parseArguments(['--help', '--pairs', '2'], benches)).toMatchObject({ show: expect.stringContaining(list) });
  });
});
