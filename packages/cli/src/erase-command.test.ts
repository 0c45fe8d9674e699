import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { makeRanges, storedBytes, type Database } from '@hookline/database';
import { testDatabase, testStack, testTopic, type StackAddresses, type TestDatabase } from '@hookline/local-stack';
import { aDelivery, appendDeliveries, connectTo } from '@hookline/test-support';
import { stillInLogText } from './erase-kafka.ts';
import { planErasure } from './erase-plan.ts';
import { isSentBy } from './erase-subject.ts';
import { runHere } from './testing/run-here.ts';
import { runHookline, type Ran } from './testing/run-hookline.ts';

const KEY = 'github.com/repository/1';
let stack: StackAddresses;
let own: TestDatabase;
let database: Database;
let topic: string;

beforeAll(async () => {
  [stack, own] = await Promise.all([testStack(), testDatabase()]);
  database = connectTo(own.url);
  topic = await testTopic({ partitions: 2 });
  await makeRanges(database);
  await appendDeliveries(stack, { topic, partitions: 2 }, [aDelivery(), aDelivery(), aDelivery()]);
});
beforeEach(async () => {
  await database.query(
    'truncate hookline.dead_letters, hookline.dead_deliveries, hookline.held_deliveries, hookline.audit_log',
  );
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

function erase(args: string[], settings: Record<string, string> = {}, run = runHere): Promise<Ran> {
  return run(['erase', '--why', 'asked for', '--as', 'ada', ...args], {
    HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','),
    HOOKLINE_DATABASE_URL: own.url,
    HOOKLINE_TOPIC: topic,
    HOOKLINE_TOPIC_PARTITIONS: '2',
    ...settings,
  });
}

function bodyOf(senderId: string): Buffer {
  return Buffer.from(`{"action":"opened","repository":{"id":1},"sender":{"id":${senderId},"login":"mona"}}`);
}

async function giveDead(offset: number, orderingKey: string, body: Buffer): Promise<void> {
  const { bytes, encoding } = storedBytes(body);
  await database.query(
    `insert into hookline.dead_deliveries
            (consumer_group, topic, kafka_partition, incarnation, kafka_offset, appended_at, ordering_key, source,
             dedup_scope, guid, digest, event, headers, body, body_encoding)
     values ('hookline-processor', $1, 0, 1, $2, now(), $3, 'main', 'main', $4, sha256('x'), 'issues',
             '{"content-type": "application/json"}', $5, $6)`,
    [topic, offset, orderingKey, randomUUID(), bytes, encoding],
  );
}

async function erased(): Promise<string[]> {
  const { rows } = await database.query<{ offset: string }>(
    'select kafka_offset as offset from hookline.dead_deliveries where body is null order by 1',
  );
  return rows.map(({ offset }) => offset);
}

describe('hookline erase', () => {
  it('shows what there is when it is dry, erases it, and says what Kafka still holds and until when', async () => {
    await giveDead(1, KEY, bodyOf('7'));
    await giveDead(2, 'github.com/repository/2', bodyOf('7'));
    const dry = await erase(['--repository', '1', '--dry-run']);
    expect(dry.exitCode).toBe(0);
    expect(dry.stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['WHAT', 'NUMBER'],
      ['dead deliveries', '1'],
      ['deliveries in lanes', '0'],
      ['held deliveries', '0'],
      ['effects to be sent', '0'],
      ['dead effects', '0'],
      [''],
    ]);
    expect(dry.stderr).toContain('Nothing was changed: this is what would be erased.');
    expect(await erased()).toEqual([]);

    const wet = await erase(['--repository', '1', '--yes', '--json'], {}, runHookline);
    expect(wet.exitCode).toBe(0);
    const report = JSON.parse(wet.stdout) as { logs: { until: string; records: string }[] };
    expect(report).toMatchObject({
      keys: [KEY],
      found: { dead: 1 },
      erased: 1,
      logs: [{ topic, partition: expect.any(Number) }],
    });
    const days = (Date.parse(String(report.logs[0]?.until)) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(8.9);
    expect(days).toBeLessThan(9.1);
    expect(wet.stderr).toContain('Kafka cannot be erased from: bodies may still be in partition');
    expect(wet.stderr).toContain('Erased 1 deliveries');
    expect(await erased()).toEqual(['1']);
    const { rows } = await database.query(
      `select decision, actor, detail from hookline.audit_log where stage = 'operator' and ordering_key = $1`,
      [KEY],
    );
    const row = { decision: 'erased', actor: 'ada', detail: 'asked for' };
    expect(rows).toEqual([row, row]);
  });

  it('finds a sender by the payloads that are stored, ids beyond 2^53 exactly', async () => {
    await giveDead(1, KEY, bodyOf('9007199254740993'));
    await giveDead(2, KEY, bodyOf('9007199254740992'));
    await giveDead(3, KEY, Buffer.from('no payload'));
    const { exitCode, stdout, stderr } = await erase(['--sender', '9007199254740993', '--yes', '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ keys: [], erased: 1, logs: [{ partition: null, records: '3' }] });
    expect(stderr).toContain(`bodies may still be in any partition of ${topic} (3 records of everybody)`);
    expect(await erased()).toEqual(['1']);
  });

  // Bodies are kept by a topic that is read no more as by the one that is.
  it('says what Kafka holds of former generations, too, and nothing of one that was deleted', async () => {
    const third = { HOOKLINE_TOPIC: topic, HOOKLINE_TOPIC_GENERATION: '3' };
    const created = await runHere(['topics', 'create'], {
      ...third,
      HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','),
      HOOKLINE_REGISTRY_URL: stack.registryUrl,
      HOOKLINE_DATABASE_URL: own.url,
      HOOKLINE_TOPIC_PARTITIONS: '2',
      HOOKLINE_TOPIC_REPLICATION_FACTOR: '1',
      HOOKLINE_TOPIC_MIN_IN_SYNC_REPLICAS: '1',
    });
    expect(created).toMatchObject({ exitCode: 0 });
    await database.query(
      `insert into hookline.topic_generations (topic, generation, partitions) values ($1, 1, 2), ($2, 2, 2)`,
      [topic, `${topic}.g2`],
    );
    const { exitCode, stdout, stderr } = await erase(['--sender', '7', '--dry-run', '--json'], third);
    await database.query('delete from hookline.topic_generations');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      logs: [
        { topic: `${topic}.g3`, partition: null, records: '0' },
        { topic, partition: null, records: '3', until: expect.any(String) },
      ],
    });
    expect(stderr).toContain(`bodies may still be in any partition of ${topic} (3 records of everybody)`);
  });

  it('erases what the database has while Kafka cannot be asked, and says so', async () => {
    await giveDead(1, KEY, bodyOf('7'));
    const away = { HOOKLINE_KAFKA_BROKERS: '127.0.0.1:1' };
    const { exitCode, stderr } = await erase(['--repository', KEY, '--yes'], away, runHookline);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('Kafka could not be asked what it still holds');
    expect(await erased()).toEqual(['1']);
  });

  it('refuses what is still to be run, unless that is to go, too', async () => {
    await giveDead(1, KEY, bodyOf('7'));
    await database.query(
      `insert into hookline.held_deliveries
              (consumer_group, topic, kafka_partition, dedup_scope, digest, event, reason, known_guid, known_event,
               incarnation, kafka_offset, appended_at, seen_incarnation, seen_offset, ordering_key, source, guid,
               received_at, headers, secret_label, body, body_encoding, body_bytes)
       values ('hookline-processor', $1, 0, 'main', sha256('y'), 'issues', 'suspected-replay', gen_random_uuid(),
               'issues', 1, 1, now(), 1, 1, $2, 'main', gen_random_uuid(), now(), '{}', 'current', '{}', 'identity', 2)`,
      [topic, KEY],
    );
    const refused = await erase(['--repository', '1', '--yes']);
    expect({ exitCode: refused.exitCode, stdout: refused.stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain('--also-waiting');
    expect(await erased()).toEqual([]);
    const { exitCode, stderr } = await erase(['--repository', '1', '--also-waiting', '--yes']);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('0 deliveries in lanes and 1 held ones are removed, and never run: discarded.');
    expect(stderr).toContain('Erased 2 deliveries, 1 of which can no longer be run');
    expect(await erased()).toEqual(['1']);
  });

  it('does nothing unconfirmed, and nothing without saying whose data is to go', async () => {
    await giveDead(1, KEY, bodyOf('7'));
    const unconfirmed = await erase(['--repository', '1'], {}, runHookline);
    expect(unconfirmed.exitCode).toBe(2);
    expect(unconfirmed.stderr).toContain('Add --yes to confirm');
    for (const args of [[], ['--repository', '1', '--sender', '2'], ['--repository', 'mona'], ['--sender', 'mona']]) {
      expect((await erase([...args, '--yes'])).exitCode).toBe(2);
    }
    expect(await erased()).toEqual([]);
  });
});

describe('planErasure', () => {
  it('refuses an id that two hosts have', () => {
    const found = { keys: ['a/repository/1', 'b/repository/1'], targets: [] };
    expect(planErasure({ kind: 'repository', id: '1' }, found, false)).toEqual({
      success: false,
      problem: expect.stringContaining('--repository a/repository/1 or --repository b/repository/1'),
    });
    expect(planErasure({ kind: 'sender', id: '1' }, found, false)).toMatchObject({ success: true });
  });

  it('refuses what is still to be sent, unless that is to go, too; what is dead goes', () => {
    const place = { consumerGroup: 'g', topic: 't', partition: 0, orderingKey: KEY, guid: randomUUID() };
    const effect = (isDead: boolean) => ({ ...place, where: 'effect' as const, effectId: randomUUID(), isDead });
    const planned = (isDead: boolean, also: boolean) =>
      planErasure({ kind: 'repository', key: KEY }, { keys: [KEY], targets: [effect(isDead)] }, also);
    expect(planned(false, false)).toEqual({
      success: false,
      problem: expect.stringContaining('1 effects are still to be sent'),
    });
    expect(planned(false, true)).toMatchObject({ success: true, plan: { effects: 1, deadEffects: 0 } });
    expect(planned(true, false)).toMatchObject({ success: true, plan: { effects: 0, deadEffects: 1 } });
  });
});

describe('isSentBy', () => {
  it('reads json and form bodies, compressed or not', () => {
    const json = bodyOf('7');
    const form = Buffer.from(`payload=${encodeURIComponent(json.toString())}`);
    const isMine = isSentBy('7');
    expect(isMine({ body: storedBytes(json), headers: {} })).toBe(true);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(isMine({ body: { encoding: 'identity', bytes: form }, headers })).toBe(true);
    expect(isMine({ body: { encoding: 'identity', bytes: form }, headers: {} })).toBe(false);
    expect(isSentBy('8')({ body: storedBytes(json), headers: {} })).toBe(false);
  });
});

describe('stillInLogText', () => {
  it('says that a topic keeps records for ever', () => {
    const text = stillInLogText({ topic: 't', partition: null, records: '5', until: null });
    expect(text).toContain('any partition of t (5 records of everybody), and the topic keeps records for ever.');
  });
});
