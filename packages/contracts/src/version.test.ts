import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { VERSION } from './version.ts';

describe('VERSION', () => {
  it('is the release in package.json, which is what people bump', async () => {
    const manifest = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8')) as object;
    expect(manifest).toHaveProperty('version', VERSION);
  });
});
