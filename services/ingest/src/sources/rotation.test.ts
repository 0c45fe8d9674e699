import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testStack, testTopic } from '@hookline/local-stack';
import { until } from '@hookline/test-support';
import { send, signed } from '../testing/http.ts';
import { type RunningIngest, startIngest } from '../testing/start-ingest.ts';

/** Secrets rotate under traffic without one delivery refused: first the new one is added, then GitHub uses it, then the old one goes. */
describe('sources in a file', () => {
  let folder: string;
  let ingest: RunningIngest;
  let version = 0;

  /** As Kubernetes does: a new folder, and a symbolic link that is swapped to it. */
  const mount = async (files: Record<string, string>) => {
    const target = join(folder, `v${++version}`);
    await mkdir(target);
    for (const [name, content] of Object.entries(files)) await writeFile(join(target, name), content);
    await symlink(target, join(folder, 'next'));
    await rename(join(folder, 'next'), join(folder, 'data'));
  };
  const list = (...labels: string[]) => {
    const secrets = labels.map((label) => ({ label, secretFile: join(folder, 'data', label) }));
    return JSON.stringify([{ name: 'main', secrets }]);
  };
  const deliver = async (secret: string) => (await send({ port: ingest.port, ...signed('{}', {}, secret) })).status;
  const reloads = (result: string) => ingest.metric('hookline_ingest_sources_reloads_total', { result });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hookline-sources-'));
    await mount({ 'sources.json': list('old'), old: 'old secret\n' });
    ingest = await startIngest({
      stack: await testStack(),
      topic: await testTopic(),
      settings: { HOOKLINE_SOURCES_FILE: join(folder, 'data', 'sources.json'), HOOKLINE_SOURCES_POLL_MS: '100' },
    });
    await until('ingest is ready', () => ingest.ready().ok);
  });
  afterAll(async () => {
    await ingest.stop();
    await rm(folder, { recursive: true });
  });

  it('rotate under traffic', async () => {
    let current = 'old secret';
    let sending = true;
    const statuses: number[] = [];
    const traffic = (async () => {
      while (sending) statuses.push(await deliver(current));
    })();

    const more = async () => {
      const count = statuses.length + 5;
      await until('traffic goes on', () => statuses.length >= count);
    };
    await more();
    await mount({ 'sources.json': list('new', 'old'), old: 'old secret\n', new: 'new secret' });
    await until('the new secret is taken', async () => (await deliver('new secret')) === 202);
    current = 'new secret';
    await more();
    await mount({ 'sources.json': list('new'), new: 'new secret' });
    await until('the old secret is not taken any more', async () => (await deliver('old secret')) === 401);
    await more();
    sending = false;
    await traffic;
    expect(statuses.filter((status) => status !== 202)).toEqual([]);
    expect(await reloads('loaded')).toBe(3);
  });

  it("rotate by a change of a secret's file alone", async () => {
    await mount({ 'sources.json': list('new'), new: 'newer secret' });
    await until('it is taken', async () => (await deliver('newer secret')) === 202);
    expect(await deliver('new secret')).toBe(401);
  });

  it('stay as they were when the new ones are wrong, which is said once', async () => {
    // A look in the middle of an earlier swap may have been refused already.
    const before = await reloads('refused');
    const lines = () => ingest.log.filter(({ level }) => level === 'error').slice(before);
    await mount({ 'sources.json': '[{"name":"main","secrets":[{"label":"x","secret":"unfinished secret' });
    await until('they are refused', async () => (await reloads('refused')) === before + 1);
    expect(await deliver('newer secret')).toBe(202);
    expect(lines()).toEqual([
      expect.objectContaining({
        msg: 'changed sources refused, those before them stay in force',
        problems: [expect.stringMatching(/^HOOKLINE_SOURCES_FILE \(.*\): It is not valid JSON/)],
      }),
    ]);
    await mount({ 'sources.json': list('new') });
    await until('they are refused again, for another reason', async () => (await reloads('refused')) === before + 2);
    await rm(join(folder, 'data'));
    await until('they are refused for being gone', async () => (await reloads('refused')) === before + 3);
    expect(await deliver('newer secret')).toBe(202);
    expect(lines()).toHaveLength(3);
    await mount({ 'sources.json': list('new'), new: 'last secret' });
    await until('the right ones are taken', async () => (await deliver('last secret')) === 202);
    expect(JSON.stringify(ingest.log)).not.toMatch(/(old|new|newer|last|unfinished) secret/);
  });
});
