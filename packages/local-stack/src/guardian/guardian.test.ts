import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isRunning } from '../process-tree.ts';
import { waitUntil } from '../wait-until.ts';
import { guard, guardianPid, release } from './guardian.ts';

const MODULE = new URL('./guardian.ts', import.meta.url).href;

/** Starts a process of its own with a child, guards the child and a directory, and says all their ids. */
const OWNER = `
  import { spawn } from 'node:child_process';
  import { guard, guardianPid } from '${MODULE}';
  const child = spawn('sh', ['-c', 'sleep 600 & echo $!; wait'], { detached: true });
  guard({ kind: 'process', id: String(child.pid) });
  guard({ kind: 'path', id: process.argv[1] });
  child.stdout.once('data', (line) => console.log(JSON.stringify([guardianPid(), child.pid, Number(line)])));
`;

describe('the guardian', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hookline-guarded-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('outlives a killed owner until what it guards, and what that started, is gone', async () => {
    const owner = spawn(process.execPath, ['--input-type=module', '-e', OWNER, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { value } = await createInterface({ input: owner.stdout })[Symbol.asyncIterator]().next();
    const pids = JSON.parse(value as string) as number[];
    expect(pids.every(isRunning)).toBe(true);

    owner.kill('SIGKILL');
    await waitUntil('clean-up', 20_000, () => !existsSync(directory) && !pids.some(isRunning));
  });

  it('ends when there is nothing left to guard, and touches nothing that was released', async () => {
    guard({ kind: 'path', id: directory });
    const pid = guardianPid();
    expect(isRunning(pid)).toBe(true);
    release({ kind: 'path', id: directory });
    await waitUntil('end of the guardian', 20_000, () => !isRunning(pid));
    expect(existsSync(directory)).toBe(true);
    // A second release, as after a stop that is called twice, is nothing to do.
    release({ kind: 'path', id: directory });
  });
});
