import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '@hookline/test-support';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readLocalFile, type LocalFile } from './local-file.ts';
import type { Report } from './report/row.ts';
import { listens, startDemo, type DemoProcess } from './testing/demo-process.ts';
import { isAlive } from './testing/is-alive.ts';
import { processesOf } from './testing/processes-of.ts';

const TIMEOUT_MS = 240_000;
const WAIT_MS = 60_000;
/** A file, below which there is no directory. */
const FILE = fileURLToPath(import.meta.url);

let directory: string;
let state: string;
let squatter: Server | undefined;
const started: DemoProcess[] = [];
const demo = (...args: Parameters<typeof startDemo>) => {
  const it = startDemo(...args);
  started.push(it);
  return it;
};
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hookline-demo-'));
  state = `--state-directory=${join(directory, 'state')}`;
});
afterAll(async () => {
  squatter?.close();
  for (const { child } of started) child.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

function localFile(): Promise<LocalFile> {
  return until('the file of what runs', () => readLocalFile(join(directory, 'state', 'local.json')), 120_000);
}
/** Waits until the demo has processes below its own, and resolves to their ids. */
function processesBelow({ child }: DemoProcess): Promise<number[]> {
  const below = () => {
    const processes = processesOf(child.pid!);
    return processes.length > 0 && processes;
  };
  return until('processes of the demo', below, WAIT_MS);
}
const untilGone = (processes: number[]) => until('the end of all', () => !processes.some(isAlive), WAIT_MS);

describe('the command line', () => {
  it('answers --help, and refuses what it does not know, before anything is started', async () => {
    const help = await demo(['--help']).ended;
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('Usage: npm start -- [options]');
    const wrong = await demo(['--onec', state]).ended;
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('--onec is not known.\n\nUsage:');
  });

  it('says what to do where it cannot keep its data', async () => {
    const { code, stdout, stderr } = await demo(['--once', `--state-directory=${FILE}/below`]).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/cannot write there \(ENOTDIR.*another directory: npm start -- --state-directory=PATH/);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it('says which step failed and what to do', async () => {
    const { code, stdout, stderr } = await demo(['--once', '--provider=containers', state], {
      DOCKER_HOST: 'unix:///nowhere/docker.sock',
    }).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/✗ bring up Kafka, registry and PostgreSQL/);
    expect(stderr.match(/No Docker engine answers/g)).toHaveLength(1);
  });
});

// One directory through all of these, in order: state is kept from run to run, as a user's is.
describe('npm start', () => {
  it(
    'runs once, prints one line of JSON, and every number is as it must be',
    async () => {
      const { code, stdout, stderr } = await demo(['--once', '--json', '--large', state]).ended;
      expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('✓ stop ingest') });
      expect(stdout.split('\n')).toHaveLength(2);
      const report = JSON.parse(stdout) as Report & { provider: string };
      expect(report).toMatchObject({ ok: true, problems: [] });
      const found = (name: string) => report.rows.find((row) => row.name === name)?.actual;
      expect(found('processed')).toBeGreaterThan(300);
      // A repository failed while the others went on, and came back.
      expect(found('of the others, processed meanwhile')).toBe(84);
      expect(found('of the failing one, waiting in its lane')).toBe(12);
      expect(found('left in the lane')).toBe(0);
      expect(await readdir(join(directory, 'state'))).toEqual(['logs', 'stack', 'webhook-secret']);
    },
    TIMEOUT_MS,
  );

  it(
    'stays up on kept state and other ports than the defaults where those are taken, until SIGINT stops all of it',
    async () => {
      await occupy(8080);
      const up = demo([state]);
      await up.said('✓ send them once more; wait until all jobs are done');
      const local = await localFile();
      expect(local.pid).toBe(up.child.pid);
      expect(new URL(local.ingestUrl).port).not.toBe('8080');

      // Another one on the same directory is refused, and does no harm.
      const second = await demo([state]).ended;
      expect(second.code).toBe(2);
      expect(second.stderr).toContain(`process ${local.pid}, and takes webhooks at ${local.ingestUrl}`);

      // A service that is killed is started again.
      const [ingest = 0] = processesOf(local.pid, 'services/ingest/src/main.ts');
      process.kill(ingest, 'SIGKILL');
      await up.said('ingest ended by itself (SIGKILL)');
      await until('ingest listens again', () => listens(local.ingestUrl), WAIT_MS);

      const processes = processesOf(local.pid);
      expect(processes.length).toBeGreaterThanOrEqual(2);
      // Twice, as a process group and npm deliver one signal: that must not count as impatience.
      up.child.kill('SIGINT');
      up.child.kill('SIGINT');
      const { code, stdout } = await up.ended;
      expect(code).toBe(0);
      expect(stdout).toContain('Every number is as it must be.');
      expect(stdout).toContain('What to try next');

      expect(processes.filter(isAlive)).toEqual([]);
      const addresses = [local.ingestUrl, local.ingestHealthUrl, local.processorHealthUrl, local.registryUrl];
      for (const address of [...addresses, local.databaseUrl, ...local.brokers]) {
        expect([address, await listens(address)]).toEqual([address, false]);
      }
      expect(await readdir(join(directory, 'state'))).toEqual(['logs', 'stack', 'webhook-secret']);
    },
    TIMEOUT_MS,
  );

  it(
    'is stopped while it starts, by one SIGTERM',
    async () => {
      const starting = demo(['--fresh', state]);
      await starting.said('start kafka-1');
      const processes = await processesBelow(starting);
      starting.child.kill('SIGTERM');
      const { code, stdout } = await starting.ended;
      expect({ code, stdout }).toEqual({ code: 143, stdout: '' });
      // What a slow start left after some seconds, a guardian ends.
      await untilGone(processes);
    },
    TIMEOUT_MS,
  );

  it(
    'ends at once on a second signal, and leaves nothing behind',
    async () => {
      const starting = demo([state]);
      await starting.said('start kafka-1');
      const processes = await processesBelow(starting);
      // A person who presses Ctrl-C again and again.
      const hasEnded = () => starting.child.exitCode !== null || (starting.child.kill('SIGINT') && false);
      await until('the demo gives in', hasEnded, WAIT_MS);
      expect((await starting.ended).code).toBe(130);
      await untilGone(processes);
    },
    TIMEOUT_MS,
  );
});

/** Takes a port until the end of these tests. Somebody else may have it: what matters is that it is taken. */
async function occupy(port: number): Promise<void> {
  squatter = createServer().listen(port, '127.0.0.1');
  await Promise.race([once(squatter, 'listening'), once(squatter, 'error')]).catch(() => {});
}
