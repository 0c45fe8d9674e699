import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { claimDirectory } from './claim-directory.ts';
import { DemoError } from './demo-error.ts';
import { readLocalFile, removeLocalFile, writeLocalFile, type LocalFile } from './local-file.ts';
import { removeState, stateDirectory, webhookSecret, type StateDirectory } from './state-directory.ts';

// No process has this id: it is above what any system hands out.
const DEAD = 2 ** 30;
const ALWAYS_ALIVE = 1;

const local: LocalFile = {
  pid: process.pid,
  provider: 'processes',
  ingestUrl: 'http://127.0.0.1:8080/webhooks/demo',
  ingestHealthUrl: 'http://127.0.0.1:9464',
  processorHealthUrl: 'http://127.0.0.1:9465',
  relayHealthUrl: 'http://127.0.0.1:9467',
  githubUrl: 'http://127.0.0.1:4',
  brokers: ['127.0.0.1:9092'],
  registryUrl: 'http://127.0.0.1:8081/apis/ccompat/v7',
  databaseUrl: 'postgres://127.0.0.1/hookline',
  topic: 'github.deliveries',
  partitions: 24,
  webhookSecret: 'secret',
};

let state: StateDirectory;
beforeEach(async () => {
  state = stateDirectory(join(await mkdtemp(join(tmpdir(), 'hookline-demo-')), 'state'));
});
afterEach(() => rm(join(state.path, '..'), { recursive: true }));

// Two demos on one directory would stop each other's servers and mix their logs.
describe('claimDirectory', () => {
  it('gives a directory to one process at a time, and makes it', async () => {
    const first = await claimDirectory(state);
    expect(first.success).toBe(true);
    expect(await claimDirectory(state)).toEqual({ success: false, pid: process.pid, ingestUrl: undefined });
    if (first.success) await first.release();
    expect(await claimDirectory(state)).toMatchObject({ success: true });
  });

  it('tells where the other one takes webhooks', async () => {
    await claimDirectory(state);
    await writeLocalFile(state.localFile, local);
    expect(await claimDirectory(state)).toEqual({ success: false, pid: process.pid, ingestUrl: local.ingestUrl });
    await writeLocalFile(state.localFile, { ...local, pid: ALWAYS_ALIVE });
    expect(await claimDirectory(state)).toEqual({ success: false, pid: process.pid, ingestUrl: undefined });
  });

  it.each([String(DEAD), String(ALWAYS_ALIVE), `${process.pid} long ago`, 'nonsense', ''])(
    'takes over from a process that is gone (lock holds "%s")',
    async (content) => {
      const first = await claimDirectory(state);
      expect(first.success).toBe(true);
      await writeFile(state.lock, content);
      expect(await claimDirectory(state)).toMatchObject({ success: true });
      expect(await claimDirectory(state)).toMatchObject({ success: false, pid: process.pid });
    },
  );

  it('goes to one of many who claim it at once', async () => {
    await claimDirectory(state);
    await writeFile(state.lock, String(DEAD));
    const claims = await Promise.all(Array.from({ length: 10 }, () => claimDirectory(state)));
    expect(claims.filter(({ success }) => success)).toHaveLength(1);
  });

  it('does not believe a local.json without a lock: its process is gone, and its id may be another’s', async () => {
    const first = await claimDirectory(state);
    if (first.success) await first.release();
    await writeLocalFile(state.localFile, { ...local, pid: ALWAYS_ALIVE });
    expect(await claimDirectory(state)).toMatchObject({ success: true });
  });

  it('says what to do where it cannot write', async () => {
    await claimDirectory(state);
    const below = stateDirectory(join(state.lock, 'below a file'));
    const claiming = claimDirectory(below);
    await expect(claiming).rejects.toThrow(DemoError);
    await expect(claiming).rejects.toThrow(
      /^The demo keeps its data in .*below a file.*ENOTDIR.*--state-directory=PATH$/,
    );
    const impossible = { ...state, lock: join(state.path, 'missing', 'lock') };
    await expect(claimDirectory(impossible)).rejects.toThrow('ENOENT');
  });
});

describe('local.json', () => {
  it('is for its owner only, and removed by its owner only', async () => {
    await claimDirectory(state);
    await writeLocalFile(state.localFile, local);
    expect((await stat(state.localFile)).mode & 0o777).toBe(0o600);
    expect(await readLocalFile(state.localFile)).toEqual(local);

    await writeLocalFile(state.localFile, { ...local, pid: ALWAYS_ALIVE });
    await removeLocalFile(state.localFile);
    expect(await readLocalFile(state.localFile)).toMatchObject({ pid: ALWAYS_ALIVE });

    await writeLocalFile(state.localFile, local);
    await removeLocalFile(state.localFile);
    expect(await readLocalFile(state.localFile)).toBeUndefined();
  });

  it.each(['', 'null', '{}', '[1]', '{"pid":"1"}'])('is as good as absent when it holds %j', async (content) => {
    await claimDirectory(state);
    await writeFile(state.localFile, content);
    expect(await readLocalFile(state.localFile)).toBeUndefined();
  });
});

describe('state', () => {
  it('keeps its secret over runs, for its owner only, until it is removed', async () => {
    const secret = await webhookSecret(state);
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect((await stat(state.secret)).mode & 0o777).toBe(0o600);
    expect(await webhookSecret(state)).toBe(secret);
    await removeState(state);
    expect(await webhookSecret(state)).not.toBe(secret);
  });

  it('does not sign with a secret that was cut short', async () => {
    await webhookSecret(state);
    await writeFile(state.secret, '');
    expect(await webhookSecret(state)).toMatch(/^[0-9a-f]{64}$/);
  });
});
