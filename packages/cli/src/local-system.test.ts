import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findLocalSystem, withLocalSystem } from './local-system.ts';
import { runHookline } from './testing/run-hookline.ts';

const SYSTEM = {
  pid: process.pid,
  ingestUrl: 'http://127.0.0.1:8080/webhooks/demo',
  brokers: ['127.0.0.1:9092'],
  registryUrl: 'http://127.0.0.1:8081/apis/ccompat/v7',
  databaseUrl: 'postgres://hookline@127.0.0.1:1/local',
  topic: 'github.deliveries',
  partitions: 24,
  webhookSecret: 'local secret',
};
let directory: string;
let file: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hookline-local-'));
  await mkdir(join(directory, '.hookline'));
  await mkdir(join(directory, 'below', 'further'), { recursive: true });
  file = join(directory, '.hookline', 'local.json');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const write = (content: object | string) =>
  writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
const find = (env: NodeJS.ProcessEnv = {}) => findLocalSystem(env, join(directory, 'below', 'further'));

describe('the local system', () => {
  it('is found in the directory or above it, and by name from anywhere', async () => {
    await write(SYSTEM);
    const found = { found: true, path: file, settings: expect.objectContaining({ HOOKLINE_TOPIC_PARTITIONS: '24' }) };
    expect(find()).toEqual(found);
    expect(findLocalSystem({ HOOKLINE_LOCAL_FILE: file }, tmpdir())).toEqual(found);
  });

  it('is none where the file is missing, cannot be read, or is of a process that has ended, and says which', async () => {
    expect(findLocalSystem({}, tmpdir())).toMatchObject({ found: false, why: expect.stringContaining('There is no') });
    for (const content of ['', 'no JSON', '{}', 'null']) {
      await write(content);
      expect(find()).toMatchObject({ found: false, why: expect.stringContaining('cannot be read') });
    }
    await write({ ...SYSTEM, pid: 2 ** 22 + 1 });
    expect(find()).toMatchObject({ found: false, why: expect.stringContaining('runs no more') });
  });
});

describe('the environment and the local system', () => {
  const local = {
    HOOKLINE_KAFKA_BROKERS: 'local',
    HOOKLINE_DATABASE_URL: 'local',
    HOOKLINE_TOPIC: 'local',
    HOOKLINE_INGEST_URL: 'local',
    HOOKLINE_WEBHOOK_SECRET: 'local',
  };

  it('are read one over the other: the environment wins, an empty variable counts as none', () => {
    expect(withLocalSystem({ PATH: '/bin', HOOKLINE_TOPIC: 'mine', HOOKLINE_DATABASE_URL: '' }, local)).toEqual({
      PATH: '/bin',
      ...local,
      HOOKLINE_TOPIC: 'mine',
    });
  });

  // Commands for one system that reach the log of another would write into it what belongs nowhere.
  it.each([['HOOKLINE_DATABASE_URL'], ['HOOKLINE_KAFKA_BROKERS_FILE'], ['HOOKLINE_REGISTRY_URL']])(
    'are not mixed: with %s nothing about the log comes from the file',
    (name) => {
      expect(withLocalSystem({ [name]: 'mine' }, local)).toEqual({
        [name]: 'mine',
        HOOKLINE_INGEST_URL: 'local',
        HOOKLINE_WEBHOOK_SECRET: 'local',
      });
    },
  );

  it('sign for the local address with the local secret, and for no other', () => {
    const { HOOKLINE_WEBHOOK_SECRET: _, ...rest } = local;
    expect(withLocalSystem({ HOOKLINE_INGEST_URL: 'mine' }, local)).toEqual({ ...rest, HOOKLINE_INGEST_URL: 'mine' });
  });
});

describe('hookline', () => {
  it('takes the local system where the environment names none', async () => {
    await write(SYSTEM);
    const { exitCode, stderr } = await runHookline(['migrate', 'status'], {}, join(directory, 'below'));
    expect(exitCode).toBe(1);
    expect(stderr).toContain('The database at postgres://hookline@127.0.0.1:1/local cannot be used');
  });

  it('says, where a setting is missing, how to have a local system', async () => {
    const { exitCode, stderr } = await runHookline(['migrate', 'status'], { HOOKLINE_LOCAL_FILE: '/nowhere.json' });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/HOOKLINE_DATABASE_URL is not set.*\n\/nowhere\.json cannot be read/);
  });
});
