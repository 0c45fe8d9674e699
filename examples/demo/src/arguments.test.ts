import { describe, expect, it } from '@jest/globals';
import { parseArguments, usage } from './arguments.ts';

const problemsOf = (...args: string[]) => {
  const result = parseArguments(args);
  return result.success ? [] : result.problems;
};

describe('parseArguments', () => {
  it('has defaults for everything', () => {
    expect(parseArguments([])).toEqual({
      success: true,
      help: false,
      options: {
        once: false,
        json: false,
        fresh: false,
        large: false,
        provider: 'auto',
        stateDirectory: expect.stringMatching(/\/\.hookline$/),
      },
    });
  });

  it('reads every option, values with = or apart', () => {
    const all = ['--once', '--json', '--fresh', '--large', '--provider', 'processes', '--state-directory=/tmp/x'];
    expect(parseArguments(all)).toMatchObject({
      options: { once: true, json: true, fresh: true, large: true, provider: 'processes', stateDirectory: '/tmp/x' },
    });
  });

  it.each(['--help', '-h'])('answers %s whatever else is there', (flag) => {
    expect(parseArguments(['--nonsense', flag])).toEqual({ success: true, help: true });
  });

  it('names every problem at once', () => {
    expect(problemsOf('--onec', 'stray', '--once=yes', '--provider=docker', '--state-directory=')).toEqual([
      '--onec is not known.',
      '"stray" is not an option: options begin with --.',
      '--once takes no value.',
      '--state-directory needs a value: --state-directory=….',
      '--provider is "docker"; it must be one of auto, containers, processes.',
    ]);
  });

  it('does not take the names of object properties for options', () => {
    expect(problemsOf('--constructor')).toEqual(['--constructor is not known.']);
  });

  it('mentions every option in its help', () => {
    for (const flag of ['once', 'json', 'fresh', 'large', 'provider', 'state-directory', 'help']) {
      expect(usage).toContain(`  --${flag}`);
    }
  });
});
