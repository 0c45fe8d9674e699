import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import {
  descendants,
  isRunning,
  isStopped,
  parentsFromProc,
  parentsFromPs,
  signal,
  stateFromPs,
  threadStatesFromProc,
} from './process-tree.ts';

describe('descendants', () => {
  const ways: [string, () => { pid: number; parent: number }[], boolean][] = [
    ['/proc', parentsFromProc, process.platform === 'linux'],
    ['ps', parentsFromPs, true],
  ];

  it.each(ways.filter(([, , isHere]) => isHere))('finds children and their children by %s', async (_, parents) => {
    const child = spawn('sh', ['-c', 'sh -c "sleep 600 & echo ready; wait" ; :'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const pid = child.pid as number;
    const found = descendants(pid, parents);
    try {
      expect(found.length).toBeGreaterThanOrEqual(2);
      expect(descendants(process.pid, parents)).toEqual(expect.arrayContaining([pid, ...found]));
      expect(found).not.toContain(pid);
    } finally {
      for (const each of [pid, ...found]) signal(each, 'SIGKILL');
      await once(child, 'exit');
    }
  });
});

describe('isStopped', () => {
  const ways: [string, (pid: number) => string[], boolean][] = [
    ['/proc', threadStatesFromProc, process.platform === 'linux'],
    ['ps', stateFromPs, true],
  ];

  it.each(ways.filter(([, , isHere]) => isHere))('is true of what is frozen or gone, by %s', async (_, states) => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1)'], { stdio: 'ignore' });
    const pid = child.pid as number;
    try {
      expect(isStopped(pid, states)).toBe(false);
      signal(pid, 'SIGSTOP');
      while (!isStopped(pid, states)) await new Promise(setImmediate);
      signal(pid, 'SIGCONT');
      while (isStopped(pid, states)) await new Promise(setImmediate);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    expect(isStopped(pid, states)).toBe(true);
  });
});

describe('isRunning', () => {
  it('is true of this process', () => {
    expect(isRunning(process.pid)).toBe(true);
  });

  it('is false of a process that was collected, and of one that is dead but was not', async () => {
    const child = spawn('sh', ['-c', 'exit 0'], { stdio: 'ignore' });
    await once(child, 'exit');
    expect(isRunning(child.pid as number)).toBe(false);
    // A parent that never collects its child: the shell starts it and becomes a program that knows nothing of it.
    const parent = spawn('sh', ['-c', 'sh -c "exit 0" & echo $!; exec sleep 600'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const zombie = Number(String(line));
    try {
      while (isRunning(zombie)) await new Promise(setImmediate);
    } finally {
      parent.kill('SIGKILL');
      await once(parent, 'exit');
    }
  });
});
