import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isStopped } from '../process-tree.ts';
import { waitUntil } from '../wait-until.ts';
import { type BackgroundProcess, startProcess } from './background-process.ts';
import { processPart } from './process-part.ts';

describe('a background process', () => {
  let directory: string;
  let log: string;
  let running: BackgroundProcess | undefined;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hookline-process-'));
    log = join(directory, 'log');
  });
  afterEach(async () => {
    await running?.kill();
    await rm(directory, { recursive: true, force: true });
  });

  async function start(script: string): Promise<BackgroundProcess> {
    running = await startProcess({ program: 'sh', args: ['-c', script], cwd: directory, env: { WORD: 'said' } }, log);
    return running;
  }

  it('writes to its log, and tells how it ended', async () => {
    const child = await start('echo $WORD; exit 3');
    await waitUntil('end', 10_000, () => child.ended() !== undefined);
    expect(child.ended()).toBe('exit code 3');
    expect(await readFile(log, 'utf8')).toBe('said\n');
    await child.kill(); // Of what has ended: nothing to do.
  });

  it('stops by the given signal', async () => {
    const child = await start('trap "exit 7" INT; echo ready; while :; do sleep 0.05; done');
    await waitUntil('trap', 10_000, async () => (await readFile(log, 'utf8')) !== '');
    await child.stop('SIGINT');
    expect(child.ended()).toBe('exit code 7');
  });

  it('is killed when it does not stop in time', async () => {
    const child = await start('trap "" TERM; echo ready; while :; do sleep 0.05; done');
    await waitUntil('trap', 10_000, async () => (await readFile(log, 'utf8')) !== '');
    await child.stop('SIGTERM', 300);
    expect(child.ended()).toBe('signal SIGKILL');
  });

  it('stands still as a whole once it is frozen, however busy, until it goes on', async () => {
    // Niced: while others want the core it is slow to notice that it is to stop.
    const child = await start('for n in 1 2 3; do nice -n 19 sh -c "echo \\$\\$; while :; do :; done" & done; wait');
    const pids = async (): Promise<number[]> => (await readFile(log, 'utf8')).trim().split('\n').map(Number);
    await waitUntil('children', 10_000, async () => (await pids()).length === 3);
    await child.pause();
    expect((await pids()).map((pid) => isStopped(pid))).toEqual([true, true, true]);
    child.resume();
    expect((await pids()).map((pid) => isStopped(pid))).toEqual([false, false, false]);
  });

  it('that cannot be started rejects with the reason', async () => {
    await expect(startProcess({ program: './missing', args: [], cwd: directory }, log)).rejects.toThrow(/ENOENT/);
  });
});

describe('a part that does not start', () => {
  it('says how it ended, with the end of its log', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hookline-part-'));
    const part = processPart({
      name: 'kafka-1',
      port: 1,
      directory,
      prepare: async () => {},
      command: () => ({ program: 'sh', args: ['-c', 'echo "Address already in use"; exit 1'], cwd: directory }),
      answers: async () => false,
      stopSignal: 'SIGTERM',
    });
    await part.stop(); // Before it ever started: nothing to do.
    await expect(part.start()).rejects.toThrow(
      /^kafka-1: ended with exit code 1 while starting\. End of .*kafka-1\.log:\n {4}Address already in use$/,
    );
    await rm(directory, { recursive: true, force: true });
  });
});
