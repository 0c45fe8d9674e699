import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cached, cacheDirectory, isCached } from './cache.ts';

describe('cacheDirectory', () => {
  it.each([
    [{ HOOKLINE_CACHE: '/a', XDG_CACHE_HOME: '/b' }, '/a'],
    [{ XDG_CACHE_HOME: '/b' }, '/b/hookline'],
    [{}, join(homedir(), '.cache', 'hookline')],
  ])('of %p is %p', (env, directory) => {
    expect(cacheDirectory(env)).toBe(directory);
  });
});

describe('cached', () => {
  const before = process.env['HOOKLINE_CACHE'];
  let cache: string;
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'hookline-cache-'));
    process.env['HOOKLINE_CACHE'] = cache;
  });
  afterEach(async () => {
    if (before === undefined) delete process.env['HOOKLINE_CACHE'];
    else process.env['HOOKLINE_CACHE'] = before;
    await rm(cache, { recursive: true, force: true });
  });

  it('fills once, however many ask at once', async () => {
    let fills = 0;
    const fill = async (directory: string): Promise<void> => {
      fills += 1;
      await writeFile(join(directory, 'jar'), 'content');
    };
    const found = await Promise.all([cached('thing', fill), cached('thing', fill), cached('thing', fill)]);
    expect(fills).toBe(1);
    expect(new Set(found)).toEqual(new Set([join(cache, 'thing')]));
    expect(await readFile(join(cache, 'thing', 'jar'), 'utf8')).toBe('content');
    expect(await isCached('thing')).toBe(true);
  });

  it('says what to do where it cannot be', async () => {
    await writeFile(join(cache, 'file'), '');
    process.env['HOOKLINE_CACHE'] = join(cache, 'file', 'below');
    await expect(cached('thing', async () => {})).rejects.toThrow(/ENOTDIR.*name a directory.*in HOOKLINE_CACHE\.$/);
  });

  it('leaves nothing of a download that failed, and tries again', async () => {
    const failing = cached('thing', async (directory) => {
      await writeFile(join(directory, 'half'), '');
      throw new Error('cut off');
    });
    await expect(failing).rejects.toThrow('cut off');
    expect(await readdir(cache)).toEqual([]);
    expect(await isCached('thing')).toBe(false);
    await cached('thing', async () => {});
    expect(await isCached('thing')).toBe(true);
  });
});
