import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import type { Usage } from './leave-outcome.ts';

const LEAVE_USAGE = new URL('leave-usage.ts', import.meta.url).href;
const MIB = 2 ** 20;

it('says what a program has needed itself, however large the one is that has started it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hookline-usage-'));
  const file = join(directory, 'usage.json');
  const mine = Buffer.alloc(400 * MIB, 1);
  try {
    const args = ['--conditions=source', '--disable-warning=ExperimentalWarning', `--import=${LEAVE_USAGE}`, '-e', '0'];
    await promisify(execFile)(process.execPath, args, { env: { ...process.env, BENCH_USAGE: file } });
    const { peakRssBytes, cpuSeconds } = JSON.parse(await readFile(file, 'utf8')) as Usage;
    expect(peakRssBytes).toBeGreaterThan(20 * MIB);
    expect(peakRssBytes).toBeLessThan(mine.length);
    expect(cpuSeconds).toBeGreaterThan(0);
  } finally {
    await rm(directory, { recursive: true });
  }
});
