import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@hookline/local-stack';
import { until } from '@hookline/test-support';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isAlive } from '../testing/is-alive.ts';
import { logTail } from './log-tail.ts';
import { restartDelayMs } from './restart-delay.ts';
import { startService, type ServiceProcess } from './service-process.ts';
import { waitUntilReady } from './wait-until-ready.ts';

const fixture = fileURLToPath(new URL('../testing/fixture-service.ts', import.meta.url));
const supervisor = fileURLToPath(new URL('../testing/fixture-supervisor.ts', import.meta.url));
const { signal } = new AbortController();
const GRACE_MS = 20_000;

let directory: string;
let logFile: string;
const running: ServiceProcess[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hookline-demo-'));
  logFile = join(directory, 'service.log');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop(0)));
  await rm(directory, { recursive: true });
});

function start(behaviour: string, port = 0) {
  const ends: string[] = [];
  const onRestart = (end: string, delayMs: number) => void ends.push(`${end}, ${delayMs} ms`);
  const args = [fixture, behaviour, String(port)];
  const service = startService({ name: 'fixture', args, env: process.env, logFile, onRestart });
  running.push(service);
  return { service, ends };
}
const logged = (text: string) =>
  until(`"${text}" in the log`, async () => (await readFile(logFile, 'utf8')).includes(text));

it('waits longer each time that a service dies young', () => {
  expect([1, 2, 3, 100].map(restartDelayMs)).toEqual([250, 500, 1000, 10_000]);
});

// Real processes: what a supervisor does with them is what the platform lets it see.
describe('a service', () => {
  it('is started again when it is killed, and its log goes on', async () => {
    const { service, ends } = start('ready');
    await logged('started as ready');
    const first = service.pid()!;
    process.kill(first, 'SIGKILL');
    const restarted = () => service.restarts() === 1 && service.pid() !== undefined && service.pid() !== first;
    await until('it is started again', restarted);
    expect(ends).toEqual(['SIGKILL, 250 ms']);
    await until('a second line', async () => (await readFile(logFile, 'utf8')) === 'started as ready\n'.repeat(2));
  });

  it('stops on SIGTERM, and is not started again', async () => {
    const { service } = start('ready');
    await logged('started as ready');
    const pid = service.pid()!;
    await service.stop(GRACE_MS);
    expect(isAlive(pid)).toBe(false);
    expect([service.pid(), service.restarts()]).toEqual([undefined, 0]);
    await service.stop(GRACE_MS);
  });

  it('is killed when it does not stop within the grace period', async () => {
    const { service } = start('stubborn');
    await logged('started as stubborn');
    const pid = service.pid()!;
    process.kill(pid, 'SIGTERM');
    await logged('not now');
    await service.stop(50);
    expect(isAlive(pid)).toBe(false);
  });

  it('can be stopped while it waits to be started again', async () => {
    const { service } = start('dies');
    await until('it died once', () => service.restarts() === 1);
    await service.stop(GRACE_MS);
    expect(service.pid()).toBeUndefined();
  });

  it('begins its log anew', async () => {
    await start('ready').service.stop(GRACE_MS);
    const { service } = start('unready');
    await logged('started as unready');
    await service.stop(GRACE_MS);
    expect(await readFile(logFile, 'utf8')).toBe('started as unready\n');
  });

  it('does not outlive a supervisor that is killed', async () => {
    const child = spawn(process.execPath, ['--conditions=source', supervisor, logFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(String(line));
    await logged('started as ready');
    child.kill('SIGKILL');
    await until('it is gone', () => !isAlive(pid));
  });
});

describe('waitUntilReady', () => {
  const url = (port: number) => `http://127.0.0.1:${port}`;

  it('resolves when the service says so', async () => {
    const port = await freePort();
    await expect(waitUntilReady(start('ready', port).service, url(port), signal)).resolves.toBeUndefined();
  });

  it('says why it is not, and shows its log', async () => {
    const port = await freePort();
    const { service } = start('unready', port);
    await until('it listens', () =>
      fetch(url(port)).then(
        () => true,
        () => false,
      ),
    );
    await expect(waitUntilReady(service, url(port), signal, 0)).rejects.toThrow(
      `fixture is not ready after 0 s: database: it is asleep. End of ${logFile}:\n    started as unready`,
    );
  });

  it('says that nothing answers', async () => {
    const { service } = start('ready');
    await expect(waitUntilReady(service, url(await freePort()), signal, 0)).rejects.toThrow('0 s: it does not answer.');
  });

  it('gives up on a service that dies again and again', async () => {
    const { service } = start('dies');
    await expect(waitUntilReady(service, url(await freePort()), signal)).rejects.toThrow('fixture died 3 times');
  });

  it('gives up at once on a configuration that is refused', async () => {
    const { service } = start('refuses');
    await expect(waitUntilReady(service, url(await freePort()), signal)).rejects.toThrow('refuses its configuration');
    expect(service.restarts()).toBe(0);
  });
});

it('shows the end of a log, long lines cut, and says when there is none', async () => {
  expect(await logTail(logFile)).toBe(`End of ${logFile}:\n    (empty)`);
  const { service } = start('x'.repeat(1000));
  await logged('started');
  await service.stop(GRACE_MS);
  expect((await logTail(logFile)).split('\n')[1]).toHaveLength(4 + 600 + 1);
});
