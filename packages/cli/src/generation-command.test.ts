import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readGenerations } from '@hookline/database';
import { testDatabase, testStack, type StackAddresses, type TestDatabase } from '@hookline/local-stack';
import { runHere } from './testing/run-here.ts';
import { withDatabase } from './with-database.ts';

let stack: StackAddresses;
let own: TestDatabase;
const topic = `test.generation.${randomBytes(4).toString('hex')}`;

beforeAll(async () => {
  [stack, own] = await Promise.all([testStack(), testDatabase()]);
});
afterAll(() => own.drop());

function topics(args: string[], settings: Record<string, string> = {}) {
  return runHere(['topics', ...args], {
    HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','),
    HOOKLINE_REGISTRY_URL: stack.registryUrl,
    HOOKLINE_DATABASE_URL: own.url,
    HOOKLINE_TOPIC: topic,
    HOOKLINE_TOPIC_GENERATION: '1',
    HOOKLINE_TOPIC_PARTITIONS: '2',
    HOOKLINE_TOPIC_NEXT_PARTITIONS: '3',
    HOOKLINE_TOPIC_REPLICATION_FACTOR: '1',
    HOOKLINE_TOPIC_MIN_IN_SYNC_REPLICAS: '1',
    ...settings,
  });
}

const states = () =>
  withDatabase({ databaseUrl: own.url }, async (database) => {
    const recorded = await readGenerations(database, [topic, `${topic}.g2`]);
    return recorded.map(({ generation, state }) => `${generation} ${state}`);
  });

const sql = (text: string) => withDatabase({ databaseUrl: own.url }, (database) => database.query(text));

describe('hookline topics generation', () => {
  it('says what is missing, and does nothing without', async () => {
    const unset = await topics(['generation', '--yes'], { HOOKLINE_TOPIC_NEXT_PARTITIONS: '0' });
    expect(unset).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('HOOKLINE_TOPIC_NEXT_PARTITIONS') });
    const missing = await topics(['generation', '--yes']);
    expect(missing).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('run hookline topics create') });
    expect(await topics(['generation', '--wait', 'long'])).toMatchObject({ exitCode: 2 });
  });

  it('shows what it means, and changes nothing unless somebody says yes', async () => {
    await topics(['create']);
    const { exitCode, stderr } = await topics(['generation']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`(generation 2, 3 partitions):`);
    expect(stderr).toContain('From there on there is no way back');
    expect(await states()).toEqual(['1 active']);
    expect(await topics(['generation', '--abandon'])).toMatchObject({ exitCode: 1 });
  });

  // By another rule nothing tells what such a hold is to hold, and after the seal it cannot be released.
  it('asks for the release of holds under which nothing waits, before it changes the key rule', async () => {
    const rule = { HOOKLINE_NEXT_KEY_RULE: 'owner' };
    const ruled = await topics(['generation'], rule);
    expect(ruled).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('all repositories of an owner') });
    await sql(`insert into hookline.lanes (consumer_group, topic, kafka_partition, ordering_key, state, due_at)
               select 'group', '${topic}', 0, key, 'held', now()
                 from unnest(array['github.com/repository/7', 'github.com/installation/8']) as key`);
    const held = await topics(['generation', '--yes'], rule);
    expect(held).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('holds of github.com/repository/7,') });
    expect(await states()).toEqual(['1 active']);
    await sql('delete from hookline.lanes');
  });

  // Each job would get the key that its own body tells, and leave the order of its repository.
  it('does not change the key rule of a topic of jobs', async () => {
    await sql('select hookline.make_ranges()');
    await sql(`insert into hookline.processed_deliveries (guid, digest, dedup_scope, event, topic, kafka_partition, kafka_offset)
               values (gen_random_uuid(), decode(repeat('00', 32), 'hex'), 'jobs', 'hookline_job', '${topic}', 0, 0)`);
    const ruled = await topics(['generation', '--yes'], { HOOKLINE_NEXT_KEY_RULE: 'owner' });
    expect(ruled).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is a topic of jobs') });
    expect(await states()).toEqual(['1 active']);
    await sql('delete from hookline.processed_deliveries');
  });

  // Two topics that are written and read at once would split the order of every repository.
  // Nothing in them tells the key that they have by another rule.
  it('waits for effects to be sent, before it changes the key rule', async () => {
    const ruled = { HOOKLINE_TOPIC: 'test.ruled', HOOKLINE_NEXT_KEY_RULE: 'owner' };
    await sql(`
      insert into hookline.topic_generations (topic, generation, partitions, key_rule, consumer_group, state, ends, moved_by, moved_why, sealing_at)
      values ('test.ruled', 1, 2, 'repository', 'group', 'draining', '{0,0}', 'me', 'owners', now()),
             ('test.ruled.g2', 2, 3, 'owner', 'group', 'prepared', null, null, null, null);
      insert into hookline.partition_offsets (consumer_group, topic, kafka_partition, next_offset, epoch, owner)
      select 'group', 'test.ruled', n, 0, 1, 'me' from generate_series(0, 1) as n;
      insert into hookline.outbox
             (effect_id, consumer_group, topic, kafka_partition, ordering_key, queue, kind, handler, effect_key, source,
              dedup_scope, guid, digest, event, incarnation, kafka_offset, request)
      values (gen_random_uuid(), 'group', 'test.ruled', 0, 'github.com/repository/1', '', 'http.post', 'h', '#0', 'main',
              'main', gen_random_uuid(), sha256('x'), 'push', 1, 0, '{}')`);
    const pending = await topics(['generation', '--wait', '0'], ruled);
    expect(pending.exitCode).toBe(3);
    expect(pending.stderr).toContain('Still to be sent, before the key rule can change: 1 effects.');
    await sql('delete from hookline.outbox');
    const done = await topics(['generation', '--json'], ruled);
    expect(done).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('"effects":0') });
  });

  it('is the only way to another topic', async () => {
    const beside = await topics(['create'], { HOOKLINE_TOPIC_GENERATION: '2', HOOKLINE_TOPIC_PARTITIONS: '3' });
    expect(beside).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('hookline topics generation') });
  });

  it('ends the old topic, waits for who processes it, and goes on when it is run again', async () => {
    const pending = await topics(['generation', '--yes', '--why', 'more', '--as', 'me', '--wait', '0']);
    expect(pending.exitCode).toBe(3);
    for (let tries = 0; tries < 20 && (await states())[0] !== '1 draining'; tries++) {
      await topics(['generation', '--wait', '1']);
    }
    expect(await states()).toEqual(['1 draining', '2 prepared']);
    const waiting = await topics(['generation', '--wait', '0']);
    expect(waiting).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('No processor has ever read') });
    expect(await topics(['generation', '--abandon'])).toMatchObject({ exitCode: 1 });
    const check = await topics(['check']);
    expect(check.stderr).toContain('is sealed');

    await sql(`update hookline.topic_generations set consumer_group = 'group' where topic = '${topic}'`);
    const halted = `insert into hookline.partition_halts (consumer_group, topic, kafka_partition, reason, detail, owner)
                    values ('group', '${topic}', 1, 'LOG_EXPIRED', '', 'me')`;
    await sql(halted);
    const undone = await topics(['generation', '--wait', '0']);
    expect(undone.stderr).toMatch(/Still to be processed: \d records of 2 partitions\. Halted: 1 by LOG_EXPIRED/);

    await sql('delete from hookline.partition_halts');
    await sql(`insert into hookline.partition_offsets (consumer_group, topic, kafka_partition, next_offset, epoch, owner)
               select 'group', topic, n - 1, end_offset, 1, 'me'
                 from hookline.topic_generations, unnest(ends) with ordinality as ended (end_offset, n)
                where topic = '${topic}'`);
    const done = await topics(['generation', '--json']);
    expect(done.exitCode).toBe(0);
    expect(JSON.parse(done.stdout)).toEqual({
      from: { topic, generation: 1, partitions: 2, keyRule: 'repository' },
      to: { topic: `${topic}.g2`, generation: 2, partitions: 3, keyRule: 'repository' },
      moved: { lanes: 0, waiting: 0, held: 0, dead: 0, effects: 0 },
    });
    expect(await states()).toEqual(['1 moved', '2 active']);
    expect(await topics(['generation', '--json'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('"moved":null'),
    });
    const next = { HOOKLINE_TOPIC_GENERATION: '2', HOOKLINE_TOPIC_PARTITIONS: '3' };
    expect(await topics(['check'], next)).toMatchObject({ exitCode: 0 });
    expect(await topics(['create'], next)).toMatchObject({ exitCode: 0 });
  }, 60_000);
});
