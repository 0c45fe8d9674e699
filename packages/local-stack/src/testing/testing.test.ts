import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrationStatus, pingDatabase } from '@hookline/database';
import { connectTo } from '@hookline/test-support';
import { askHost } from './ask-host.ts';
import { testProvider } from './environment.ts';
import { type TestDatabase, testDatabase } from './test-database.ts';
import { testStack } from './test-stack.ts';
import { testTopic } from './test-topic.ts';

describe('a test database', () => {
  let one: TestDatabase;
  let other: TestDatabase;

  beforeAll(async () => {
    [one, other] = await Promise.all([testDatabase(), testDatabase()]);
  });
  afterAll(() => Promise.all([one.drop(), other.drop()]));

  it('has every migration applied', async () => {
    expect((await migrationStatus(one.url)).pending).toEqual([]);
  });

  it('is not seen by another test', async () => {
    const database = connectTo(one.url);
    await database.query('create table only_here (id int)');
    await database.close();
    await expect(pingDatabase(other.url, 5000)).resolves.toBeUndefined();
    expect(one.url).not.toBe(other.url);
  });

  it('is gone after drop', async () => {
    const gone = await testDatabase();
    await gone.drop();
    await expect(pingDatabase(gone.url, 5000)).rejects.toThrow(/does not exist/);
  });
});

describe('a test topic', () => {
  it('is another one each time, with its schema registered', async () => {
    const [one, other] = await Promise.all([testTopic(), testTopic({ partitions: 2 })]);
    const { registryUrl } = await testStack();
    const subjects = (await (await fetch(`${registryUrl}/subjects`)).json()) as string[];
    expect(subjects).toEqual(expect.arrayContaining([`${one}-value`, `${other}-value`]));
  });
});

describe('the environment', () => {
  it('chooses the provider, and refuses a word it does not know', () => {
    expect(testProvider({})).toBe('auto');
    expect(testProvider({ HOOKLINE_TEST_PROVIDER: 'containers' })).toBe('containers');
    expect(() => testProvider({ HOOKLINE_TEST_PROVIDER: 'podman' })).toThrow(
      'HOOKLINE_TEST_PROVIDER is "podman"; it must be one of auto, containers, processes.',
    );
  });

  it('without a host names the way to run tests', async () => {
    const host = process.env['HOOKLINE_TEST_STACK_HOST'];
    try {
      delete process.env['HOOKLINE_TEST_STACK_HOST'];
      await expect(askHost('/stack')).rejects.toThrow(/jest\.config\.mjs/);
    } finally {
      process.env['HOOKLINE_TEST_STACK_HOST'] = host;
    }
  });
});
