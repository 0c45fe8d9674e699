import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { killFixtures, startFixture } from '../testing/service-process.ts';

const LIMIT_MS = 400;
const WATCHED = { HOOKLINE_FIXTURE_WATCHDOG_MS: String(LIMIT_MS) };

afterEach(killFixtures);

// A loop that computes for ever runs no timer, no heartbeat and no signal handler: by itself the process would hold what
// it has until somebody kills it.
describe('the watchdog', () => {
  it('ends a process whose event loop is blocked, with a line of the log that says where', async () => {
    const { code, signal, log } = await startFixture({ ...WATCHED, HOOKLINE_FIXTURE_LATER: 'loops' }).ended;
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGALRM' });
    const last = log.at(-1);
    expect(last).toMatchObject({ level: 'fatal', service: 'fixture', exitCode: 142, blockedMs: LIMIT_MS });
    expect(last?.msg).toContain('HOOKLINE_WATCHDOG_MS');
    expect(last?.['stack']).toContainEqual(expect.stringMatching(/^computeForEver \(.*fixture-service\.ts:\d+:\d+\)$/));
  });

  // What most containers run: no signal of its own ends it.
  it('has one exit by itself that is PID 1', async () => {
    const { code, signal, log } = await startFixture({ ...WATCHED, HOOKLINE_FIXTURE_LATER: 'loops-as-pid-1' }).ended;
    expect({ code, signal }).toEqual({ code: 142, signal: null });
    expect(log.at(-1)).toMatchObject({ level: 'fatal', exitCode: 142 });
  });

  it('ends one that waits in a call of the system, too, where nobody can tell the place', async () => {
    const { signal, log } = await startFixture({ ...WATCHED, HOOKLINE_FIXTURE_LATER: 'waits' }).ended;
    expect(signal).toBe('SIGALRM');
    expect(log.at(-1)).toMatchObject({ level: 'fatal', exitCode: 142, stack: null });
  });

  // The grace period is a timer of the loop that is blocked.
  it('ends one that is blocked while it stops', async () => {
    const service = startFixture({ ...WATCHED, HOOKLINE_FIXTURE_LATER: 'loops-on-stop', HOOKLINE_STOP_GRACE_MS: '1' });
    await service.logged('started');
    service.kill('SIGTERM');
    expect((await service.ended).signal).toBe('SIGALRM');
  });

  it('says nothing where nothing is to be logged, and ends it nevertheless', async () => {
    const silent = { ...WATCHED, HOOKLINE_LOG_LEVEL: 'silent', HOOKLINE_FIXTURE_LATER: 'loops' };
    expect(await startFixture(silent).ended).toMatchObject({ signal: 'SIGALRM', stdout: '', stderr: '' });
  });

  // By the clock a frozen process has been silent for longer than it may be. It was not blocked: it was not run, and
  // neither was its watchdog. It is frozen in the middle of its work, so that the watchdog looks before it can beat.
  it('does not end one that was frozen for longer, and wakes', async () => {
    const limitMs = 2000;
    const service = startFixture({
      HOOKLINE_FIXTURE_WATCHDOG_MS: String(limitMs),
      HOOKLINE_FIXTURE_LATER: 'works-hard',
    });
    await service.logged('started');
    for (let i = 0; i < 2; i++) {
      service.kill('SIGSTOP');
      await delay(limitMs * 1.25);
      service.kill('SIGCONT');
    }
    service.kill('SIGTERM');
    expect(await service.ended).toMatchObject({ code: 0, signal: null });
  });
});
