import { describe, expect, it } from '@jest/globals';
import { parseRedrive } from './arguments.ts';

describe('the command line of a redrive', () => {
  it('has 100,000 letters where it says nothing else', () => {
    expect(parseRedrive([])).toEqual({
      success: true,
      help: false,
      options: { letters: 100_000, repositories: 500, rate: 1000, interrupt: false, json: false },
    });
    expect(parseRedrive(['--letters', '10', '--repositories=2', '--rate', '0', '--interrupt', '--json'])).toMatchObject(
      {
        options: { letters: 10, repositories: 2, rate: 0, interrupt: true, json: true },
      },
    );
    expect(parseRedrive(['--help', '--letters', '10'])).toEqual({ success: true, help: true });
  });

  it.each([
    [['--letters', '0'], '--letters is "0"; it must be a whole number from 1.'],
    [['--repositories', '1.5'], '--repositories is "1.5"; it must be a whole number from 1.'],
    [['--rate', '-1'], expect.stringContaining('--rate')],
    [['--rate', 'fast'], '--rate is "fast"; it must be a whole number from 0.'],
    [['--pairs', '2'], expect.stringContaining('--pairs')],
  ])('refuses %j', (args, problem) => {
    expect(parseRedrive(args)).toEqual({ success: false, problem });
  });
});
