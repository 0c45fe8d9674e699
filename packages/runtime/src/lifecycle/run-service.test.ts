import { afterEach, describe, expect, it } from '@jest/globals';
import { killFixtures, startFixture } from '../testing/service-process.ts';

afterEach(killFixtures);

// What an operator meets before a service works: its help, and its complaints about the configuration. A process
// each, because what counts is what the shell sees: the exit code and the two streams.
describe('the command line of a service', () => {
  it('tells every setting on --help', async () => {
    const { code, stdout } = await startFixture({}, ['--help']).ended;
    expect(code).toBe(0);
    expect(stdout).toContain('fixture: A service for tests.');
    expect(stdout).toContain('HOOKLINE_STOP_GRACE_MS');
    expect((await startFixture({}, ['-h']).ended).stdout).toBe(stdout);
  });

  it('tells its version', async () => {
    const { code, stdout } = await startFixture({ FIXTURE_VERSION: '1.2.3' }, ['--version']).ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '1.2.3' });
  });

  it('refuses arguments that it does not know', async () => {
    const { code, stderr } = await startFixture({}, ['--port=1']).ended;
    expect(code).toBe(2);
    expect(stderr).toBe(
      'fixture takes no argument "--port=1": settings are environment variables, see fixture --help.\n',
    );
  });
});

describe('a wrong configuration', () => {
  it('is told whole, on stderr, and nothing starts', async () => {
    const { code, stdout, stderr } = await startFixture({
      HOOKLINE_OPERATIONS_PORT: '80000',
      HOOKLINE_STOP_GRACE_MS: 'soon',
      HOOKLINE_DATABASE_URL: '',
      HOOKLINE_LOG_LEVLE: 'debug',
    }).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      'fixture did not start. These 4 settings are wrong:',
      '  - HOOKLINE_OPERATIONS_PORT is "80000", out of range; wanted: integer, 0 to 65535.',
      '  - HOOKLINE_STOP_GRACE_MS is "soon", not a whole number; wanted: integer, ms, 0 to 2147483647.',
      expect.stringMatching(/^ {2}- HOOKLINE_DATABASE_URL is not set, and has no default: PostgreSQL database/),
      '  - HOOKLINE_LOG_LEVLE is not known. Did you mean HOOKLINE_LOG_LEVEL?',
      'fixture --help tells all settings.',
      '',
    ]);
  });

  it('can be one of values that are right one by one', async () => {
    const { code, stderr } = await startFixture({ HOOKLINE_FIXTURE_START: 'hangs', HOOKLINE_FIXTURE_LATER: 'throws' })
      .ended;
    expect(code).toBe(2);
    expect(stderr).toContain('This setting is wrong:\n  - HOOKLINE_FIXTURE_LATER needs a start that ends');
  });
});
