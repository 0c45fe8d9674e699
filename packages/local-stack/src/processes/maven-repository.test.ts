import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { repositoryArguments } from './maven-repository.ts';

describe('the repository of Maven', () => {
  let home: string;
  const env = { HOOKLINE_CACHE: '/cache' };
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'hookline-home-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('is its own where it can write', async () => {
    expect(await repositoryArguments(home, env)).toEqual([]);
  });

  it('is in our cache for an account without a home that it can write to', async () => {
    await writeFile(join(home, 'file'), '');
    // Also root cannot write below a file.
    expect(await repositoryArguments(join(home, 'file'), env)).toEqual(['-Dmaven.repo.local=/cache/maven']);
  });

  it.each(['MAVEN_OPTS', 'MAVEN_ARGS'])('is that of %s where it names one', async (name) => {
    await writeFile(join(home, 'file'), '');
    const chosen = { ...env, [name]: '-Dmaven.repo.local=/elsewhere' };
    expect(await repositoryArguments(join(home, 'file'), chosen)).toEqual([]);
  });
});
