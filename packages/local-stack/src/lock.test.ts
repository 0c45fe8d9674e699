import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tryLock, unlock } from './lock.ts';

/** Above every process id that a kernel gives. */
const DEAD = 2 ** 30;

describe('a lock file', () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hookline-lock-'));
    file = join(directory, 'lock');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('is held by one of many who try at once', async () => {
    const owners = await Promise.all(Array.from({ length: 20 }, () => tryLock(file, process.pid)));
    expect(owners.filter((owner) => owner === undefined)).toHaveLength(1);
    expect(owners.filter((owner) => owner === process.pid)).toHaveLength(19);
    expect(await readdir(directory)).toEqual(['lock']);
  });

  it('can be taken again after unlock', async () => {
    await tryLock(file, process.pid);
    await unlock(file);
    expect(await tryLock(file, process.pid)).toBeUndefined();
  });

  it.each([String(DEAD), 'garbage', ''])('is taken over when its holder is not alive: %p', async (content) => {
    await writeFile(file, content);
    expect(await tryLock(file, process.pid)).toBeUndefined();
    expect(await tryLock(file, DEAD)).toBe(process.pid);
  });

  it.each([`${process.pid} long ago`, '1'])(
    'is taken over when another process has its holder’s id by now: %p',
    async (content) => {
      await writeFile(file, content);
      expect(await tryLock(file, process.pid)).toBeUndefined();
      expect(await tryLock(file, process.pid)).toBe(process.pid);
    },
  );

  it('of a dead holder is taken over by one of many who try at once', async () => {
    await writeFile(file, String(DEAD));
    const owners = await Promise.all(Array.from({ length: 20 }, () => tryLock(file, process.pid)));
    expect(owners.filter((owner) => owner === undefined)).toHaveLength(1);
    expect(await readdir(directory)).toEqual(['lock']);
  });

  it('that cannot be written rejects with the reason', async () => {
    await expect(tryLock(join(directory, 'missing', 'lock'), process.pid)).rejects.toThrow(/ENOENT/);
  });
});
