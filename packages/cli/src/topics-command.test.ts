import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabaseAt, dropDatabaseAt, readTopicGeneration } from '@hookline/database';
import { testDatabase, testStack, type StackAddresses, type TestDatabase } from '@hookline/local-stack';
import { runHere } from './testing/run-here.ts';
import { runHookline, type Ran } from './testing/run-hookline.ts';
import { withDatabase } from './with-database.ts';

let stack: StackAddresses;
let own: TestDatabase;
const topic = `test.cli.${randomBytes(4).toString('hex')}`;

beforeAll(async () => {
  [stack, own] = await Promise.all([testStack(), testDatabase()]);
});
afterAll(() => own.drop());

function topics(args: string[], settings: Record<string, string> = {}, run = runHere): Promise<Ran> {
  return run(['topics', ...args], {
    HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','),
    HOOKLINE_REGISTRY_URL: stack.registryUrl,
    HOOKLINE_DATABASE_URL: own.url,
    HOOKLINE_TOPIC: topic,
    HOOKLINE_TOPIC_PARTITIONS: '3',
    HOOKLINE_TOPIC_REPLICATION_FACTOR: '1',
    HOOKLINE_TOPIC_MIN_IN_SYNC_REPLICAS: '1',
    ...settings,
  });
}

describe('hookline topics', () => {
  it('check tells that there is no topic, and how to get it', async () => {
    const { exitCode, stdout, stderr } = await topics(['check']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toBe(`TOPIC_MISMATCH: Topic ${topic} does not exist. Create it: hookline topics create.\n`);
  });

  it('create makes topic, schemas and recorded count, prints the topic, and is safe to run again', async () => {
    const first = await topics(['create'], {}, runHookline);
    expect(first).toEqual({
      exitCode: 0,
      stdout: `${topic}\n`,
      stderr: expect.stringMatching(`^Created: ${topic}, 3 partitions, schemas \\d+ and \\d+\\.\n$`),
    });
    const again = await topics(['create', '--json']);
    expect(again.stderr).toBe(first.stderr.replace('Created', 'Already there'));
    expect(JSON.parse(again.stdout)).toEqual({
      topic,
      partitions: 3,
      created: false,
      schemaId: Number(/schemas (\d+)/.exec(first.stderr)?.[1]),
      controlSchemaId: Number(/and (\d+)/.exec(first.stderr)?.[1]),
    });

    const subjects = (await (await fetch(`${stack.registryUrl}/subjects`)).json()) as string[];
    expect(subjects).toEqual(expect.arrayContaining([`${topic}-value`, `${topic}-control`]));
    const recorded = await withDatabase({ databaseUrl: own.url }, (database) => readTopicGeneration(database, topic));
    expect(recorded).toEqual({ topic, generation: 1, partitions: 3, keyRule: 'repository' });
  });

  it('check is content with the topic as it was created, and says so on stderr only', async () => {
    const checked = { exitCode: 0, stdout: '', stderr: `${topic} is as it should be.\n` };
    expect(await topics(['check'], {}, runHookline)).toEqual(checked);
  });

  it('check tells programs what is there, or every difference at once', async () => {
    const good = await topics(['check', '--json']);
    expect(JSON.parse(good.stdout)).toEqual({ success: true, topic, partitions: 3, keyRule: 'repository' });
    const bad = await topics(['check', '--json'], {
      HOOKLINE_TOPIC_PARTITIONS: '4',
      HOOKLINE_TOPIC_RETENTION_MS: '86400000',
    });
    expect(bad.exitCode).toBe(1);
    expect(JSON.parse(bad.stdout)).toEqual({
      success: false,
      reason: 'TOPIC_MISMATCH',
      problems: [expect.stringContaining('3 partitions'), expect.stringContaining('retention.ms')],
    });
  });

  // The topic of an older release: its operators' decisions could not be written.
  it.each(['value', 'control'])('check misses the schema of %s records, and create brings it back', async (subject) => {
    await fetch(`${stack.registryUrl}/subjects/${topic}-${subject}`, { method: 'DELETE' });
    const { exitCode, stderr } = await topics(['check']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(new RegExp(`^SCHEMA_UNKNOWN: .*${topic}-${subject}\\. .*hookline topics create`));
    expect((await topics(['create'])).exitCode).toBe(0);
    expect((await topics(['check'])).exitCode).toBe(0);
  });

  it.each(['check', 'create'])('%s names every difference of a topic at once, and changes nothing', async (command) => {
    // Of a database that has nothing recorded: the topic itself is what differs.
    const unrecorded = await testDatabase();
    const { exitCode, stdout, stderr } = await topics([command], {
      HOOKLINE_DATABASE_URL: unrecorded.url,
      HOOKLINE_TOPIC_PARTITIONS: '4',
      HOOKLINE_TOPIC_RETENTION_MS: '3600000',
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^TOPIC_MISMATCH: /);
    expect(stderr).toContain(`Topic ${topic} has 3 partitions where 4 are configured`);
    expect(stderr).toContain('where 3600000 is configured');
    expect(
      await withDatabase({ databaseUrl: unrecorded.url }, (database) => readTopicGeneration(database, topic)),
    ).toBeNull();
    await unrecorded.drop();
    expect((await topics(['check'])).exitCode).toBe(0);
  });

  // Ingests of both would accept deliveries of one repository, each in an order of its own.
  it('create refuses the topic of another generation beside one that is read', async () => {
    expect((await topics(['create'])).exitCode).toBe(0);
    const next = { HOOKLINE_TOPIC_GENERATION: '2', HOOKLINE_TOPIC_PARTITIONS: '6' };
    const { exitCode, stdout, stderr } = await topics(['create'], next);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain('hookline topics generation');
  });

  it('create refuses a count that the database has recorded otherwise: its rows are placed by that', async () => {
    const other = `${topic}.recorded`;
    await withDatabase({ databaseUrl: own.url }, (database) =>
      database.query('insert into hookline.topic_generations values ($1, 1, 48)', [other]),
    );
    const { exitCode, stdout, stderr } = await topics(['create'], { HOOKLINE_TOPIC: other });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(`DATABASE_MISMATCH: The database has topic ${other} recorded with 48 partitions`);
    // What cannot be recorded is not made either: a topic of the wrong size would stay.
    expect((await topics(['check'], { HOOKLINE_TOPIC: other })).stderr).toContain('does not exist');
  });

  it.each([
    ['check', /^TOPIC_MISMATCH: .* ordered by repository, and here by owner.*Set HOOKLINE_KEY_RULE=repository/],
    ['create', /^DATABASE_MISMATCH: .*ordered by repository.*HOOKLINE_KEY_RULE/],
  ])('%s refuses another key rule than that of the topic', async (command, said) => {
    const { exitCode, stdout, stderr } = await topics([command], { HOOKLINE_KEY_RULE: 'owner' });
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 1, stdout: '', stderr: expect.stringMatching(said) });
    expect((await topics(['check'])).exitCode).toBe(0);
  });

  it.each(['check', 'create'])('%s tells that no broker answers', async (command) => {
    const { exitCode, stdout, stderr } = await topics(
      [command],
      { HOOKLINE_KAFKA_BROKERS: '127.0.0.1:1' },
      runHookline,
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toBe(
      'KAFKA_UNAVAILABLE: No Kafka broker answers at 127.0.0.1:1. Check that Kafka runs and that ' +
        'HOOKLINE_KAFKA_BROKERS names it.\n',
    );
  });

  it('create tells that the registry is away', async () => {
    const { exitCode, stderr } = await topics(['create'], { HOOKLINE_REGISTRY_URL: 'http://127.0.0.1:1' });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^REGISTRY_UNAVAILABLE: .*http:\/\/127\.0\.0\.1:1/);
  });

  it('create tells that the database has not been migrated, and leaves no topic behind', async () => {
    const empty = await createDatabaseAt(stack.databaseUrl, `${topic}.empty`);
    const settings = { HOOKLINE_DATABASE_URL: empty, HOOKLINE_TOPIC: `${topic}.empty` };
    const { exitCode, stderr } = await topics(['create'], settings);
    await dropDatabaseAt(stack.databaseUrl, `${topic}.empty`);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^DATABASE_MISMATCH: .*relation "hookline.topic_generations".*Run: hookline migrate up\.$/m);
    expect((await topics(['check'], settings)).stderr).toContain('does not exist');
  });

  it('create keeps a log for longer than any timer of Node could wait', async () => {
    const longer = { HOOKLINE_TOPIC: `${topic}.year`, HOOKLINE_TOPIC_RETENTION_MS: '31536000000' };
    expect((await topics(['create'], longer)).exitCode).toBe(0);
    expect((await topics(['check'], longer)).exitCode).toBe(0);
  });

  it('create by two at once, with different counts, lets one of them through', async () => {
    const contested = `${topic}.contested`;
    const runs = await Promise.all(
      ['3', '5'].map((count) =>
        topics(['create'], { HOOKLINE_TOPIC: contested, HOOKLINE_TOPIC_PARTITIONS: count }, runHookline),
      ),
    );
    expect(new Set(runs.map(({ exitCode }) => exitCode))).toEqual(new Set([0, 1]));
    expect(runs.find(({ exitCode }) => exitCode === 1)?.stderr).toMatch(/^(TOPIC|DATABASE)_MISMATCH: /);
  });

  it('create tells that the database is away', async () => {
    const { exitCode, stderr } = await topics(['create'], {
      HOOKLINE_DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/n',
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^DATABASE_UNAVAILABLE: The database at postgres:\/\/u:\*\*\*@127\.0\.0\.1:1\/n/);
  });

  it('create tells that a cluster has too few brokers for the copies that are asked for', async () => {
    const { exitCode, stderr } = await topics(['create'], {
      HOOKLINE_TOPIC: `${topic}.copies`,
      HOOKLINE_TOPIC_REPLICATION_FACTOR: '3',
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/replication/i);
  });
});
