import { VERSION } from '@hookline/contracts';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { killFixtures, startFixture } from '../testing/service-process.ts';

afterEach(killFixtures);

// Signals and exit codes are the platform's, so that only a real process, really signalled, shows what it does with
// them. Every wait is for a line of its log or for its end.
describe('a service that works', () => {
  it('says with which settings it runs, and no password', async () => {
    const service = startFixture();
    const { config, version } = await service.logged('starting');
    await service.logged('started');
    service.kill('SIGTERM');
    const { stdout, stderr } = await service.ended;
    expect(config).toMatchObject({ databaseUrl: 'postgresql://hook:***@localhost/hookline', logLevel: 'info' });
    expect(version).toBe(VERSION);
    expect(stdout + stderr).not.toContain('very-secret');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('drains on %s, and then exits with 0', async (signal) => {
    const service = startFixture();
    await service.logged('started');
    service.kill(signal);
    const { code, log } = await service.ended;
    expect(code).toBe(0);
    expect(log.map(({ msg }) => msg).slice(-4)).toEqual(['stopping', 'stop was called', 'drained', 'stopped']);
  });

  it('is ready once it has started, and no longer when it stops', async () => {
    const service = startFixture({ HOOKLINE_FIXTURE_STOP: 'hangs' });
    const { port } = await service.logged('operations server listens');
    await service.logged('started');
    expect(await probe(port, '/readyz')).toEqual([200, { ok: true, probes: [{ name: 'lifecycle', ok: true }] }]);
    service.kill('SIGTERM');
    await service.logged('stop was called');
    const stopping = { ok: false, probes: [{ name: 'lifecycle', ok: false, reason: 'stopping' }] };
    expect(await probe(port, '/readyz')).toEqual([503, stopping]);
    expect(await probe(port, '/livez')).toEqual([200, { ok: true, probes: [] }]);
    service.kill('SIGTERM');
    await service.ended;
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('exits at once on a second signal, %s: the operator has decided', async (signal, exitCode) => {
    const service = startFixture({ HOOKLINE_FIXTURE_STOP: 'hangs' });
    await service.logged('started');
    service.kill('SIGTERM');
    await service.logged('stop was called');
    service.kill(signal);
    expect((await service.ended).code).toBe(exitCode);
  });

  it('exits with 3 when it has not drained within the grace period', async () => {
    const service = startFixture({ HOOKLINE_FIXTURE_STOP: 'hangs', HOOKLINE_STOP_GRACE_MS: '20' });
    await service.logged('started');
    service.kill('SIGTERM');
    const { code, log } = await service.ended;
    expect(code).toBe(3);
    expect(log.at(-1)).toMatchObject({ level: 'fatal', exitCode: 3, graceMs: 20 });
    expect(log.at(-1)?.msg).toContain('raise HOOKLINE_STOP_GRACE_MS');
  });

  it('exits with 1 when its stop fails', async () => {
    const service = startFixture({ HOOKLINE_FIXTURE_STOP: 'rejects' });
    await service.logged('started');
    service.kill('SIGTERM');
    const { code, log } = await service.ended;
    expect(code).toBe(1);
    expect(log.at(-1)?.msg).toContain('stop failed: could not flush');
  });
});

describe('a service that is told to stop while it starts', () => {
  it('answers /livez, says on /readyz that it starts, and stops without having started', async () => {
    const service = startFixture({ HOOKLINE_FIXTURE_START: 'hangs' });
    const { port } = await service.logged('operations server listens');
    await service.logged('start was called');
    expect(await probe(port, '/livez')).toEqual([200, { ok: true, probes: [] }]);
    const starting = { ok: false, probes: [{ name: 'lifecycle', ok: false, reason: 'starting' }] };
    expect(await probe(port, '/readyz')).toEqual([503, starting]);
    service.kill('SIGTERM');
    const { code, log } = await service.ended;
    expect(code).toBe(0);
    expect(log.at(-1)?.msg).toBe('stopped');
  });

  it.each(['ends-on-stop', 'fails-on-stop'])('stops well when the stop ends the start: %s', async (start) => {
    const service = startFixture({ HOOKLINE_FIXTURE_START: start });
    await service.logged('start was called');
    service.kill('SIGTERM');
    const { code, log } = await service.ended;
    expect(code).toBe(0);
    expect(log.map(({ msg }) => msg)).not.toContain('started');
    expect(log.some(({ msg }) => msg === 'start was given up')).toBe(start === 'fails-on-stop');
  });

  it('does not start after it was stopped', async () => {
    const { code, log } = await startFixture({ HOOKLINE_FIXTURE_CREATE: 'signals' }).ended;
    expect(code).toBe(0);
    const messages = log.map(({ msg }) => msg);
    expect(messages).toContain('stop was called');
    expect(messages).not.toContain('start was called');
  });
});

describe('a service that breaks', () => {
  it('says code, advice and cause in one fatal line, and exits with 1', async () => {
    const { code, log } = await startFixture({ HOOKLINE_FIXTURE_START: 'rejects' }).ended;
    expect(code).toBe(1);
    expect(log.filter(({ level }) => level === 'fatal')).toEqual([
      expect.objectContaining({
        msg: 'start failed: Create the topic. (TOPIC_MISSING)',
        exitCode: 1,
        err: expect.objectContaining({
          code: 'TOPIC_MISSING',
          cause: expect.objectContaining({ message: 'broker said no' }),
        }),
      }),
    ]);
  });

  it.each([
    [{ HOOKLINE_FIXTURE_START: 'rejects-unforeseen' }, 'start failed: x is not a function. This was not foreseen'],
    [{ HOOKLINE_FIXTURE_START: 'rejects-text' }, 'start failed: just a text. This was not foreseen'],
    [{ HOOKLINE_FIXTURE_CREATE: 'throws' }, 'start failed: no wiring today'],
    [{ HOOKLINE_FIXTURE_LATER: 'throws' }, 'uncaught exception: out of the blue'],
    [{ HOOKLINE_FIXTURE_LATER: 'rejects' }, 'unhandled rejection: nobody waits'],
  ])('exits with 1: %o', async (environment, message) => {
    const { code, log } = await startFixture(environment).ended;
    expect(code).toBe(1);
    expect(log.at(-1)).toMatchObject({ level: 'fatal', exitCode: 1 });
    expect(log.at(-1)?.msg).toContain(message);
  });

  it('says which setting to change when its operations port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    try {
      const { code, log } = await startFixture({ HOOKLINE_OPERATIONS_PORT: String(port) }).ended;
      expect(code).toBe(1);
      expect(log.at(-1)?.msg).toContain(`The operations address 127.0.0.1:${port} is in use`);
      expect(log.at(-1)?.msg).toContain('(ADDRESS_IN_USE)');
    } finally {
      taken.close();
    }
  });
});

async function probe(port: unknown, path: string): Promise<[number, unknown]> {
  const response = await fetch(`http://127.0.0.1:${String(port)}${path}`);
  return [response.status, await response.json()];
}
