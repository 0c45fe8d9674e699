import { makeRanges, type Database, type StoredPartition } from '@hookline/database';
import { testDatabase, testStack, testTopic, type StackAddresses, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { guid, put } from '../testing/put-rows.ts';
import { runHere } from '../testing/run-here.ts';
import { putSoundWorld } from '../testing/sound-world.ts';
import { compareLog } from './compare-log.ts';

let stack: StackAddresses;
let own: TestDatabase;
let database: Database;

beforeAll(async () => {
  [stack, own] = await Promise.all([testStack(), testDatabase()]);
  database = connectTo(own.url);
  await makeRanges(database);
  await putSoundWorld(database);
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

const verify = (args: string[], settings: Record<string, string> = {}) =>
  runHere(['verify', ...args], { HOOKLINE_DATABASE_URL: own.url, ...settings });

describe('hookline verify', () => {
  it('says that nothing is wrong, on stderr, and succeeds', async () => {
    const { exitCode, stdout, stderr } = await verify(['--no-log']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
    expect(stderr).toMatch(
      /Looking at partition 3 of github\.deliveries\.\nLooking at claims\.\nLooking at settled effects\.\n1 partitions: nothing is there/,
    );
    expect(JSON.parse((await verify(['--no-log', '--json'])).stdout)).toEqual({
      problems: [],
      more: [],
      partitions: 1,
      log: false,
    });
  });

  it('compares with the log, and says what it could not ask', async () => {
    const topic = await testTopic({ partitions: 1 });
    const settings = { HOOKLINE_KAFKA_BROKERS: stack.brokers.join(','), HOOKLINE_TOPIC: topic };
    expect((await verify([], settings)).exitCode).toBe(0);
    await put(database, 'partition_offsets', { topic, kafka_partition: 0, next_offset: 5 });
    const { exitCode, stdout } = await verify(['--json'], settings);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      problems: [{ code: 'OFFSET_BEYOND_LOG', partition: 0, offset: '5', detail: 'The log ends at 0.' }],
      log: true,
    });
    await database.query('delete from hookline.partition_offsets where topic = $1', [topic]);

    const away = await verify([], { ...settings, HOOKLINE_KAFKA_BROKERS: '127.0.0.1:1' });
    expect(away.exitCode).toBe(1);
    expect(away.stderr).toContain('nothing is there that cannot be, in the tables');
    expect(away.stderr).toContain('Kafka could not be asked');
  });

  it.each([
    [['verify', '--no-log']],
    [['trace', guid(3)]],
    [['deliveries', 'list']],
    [['deliveries', 'show', guid(6), '--body']],
    [['lanes', 'list']],
    [['dead-letters', 'list', '--state', 'all']],
    [['dead-letters', 'list', '--each']],
    [['replays', 'list']],
  ])('%j needs no more than the rights of an operator', async (args) => {
    const url = `${own.url}?options=${encodeURIComponent('-c role=hookline_operator')}`;
    expect(await runHere(args, { HOOKLINE_DATABASE_URL: url })).toMatchObject({ exitCode: 0 });
  });

  it('names what is wrong with a code, a place and what it means, and fails', async () => {
    await database.query(`delete from hookline.processed_deliveries where kafka_offset in (13, 14, 15)`);
    const { exitCode, stdout, stderr } = await verify(['--no-log']);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^CODE .*\nPROCESSED_UNCLAIMED +github\.deliveries +3\/13 +5d1b2c00-/);
    expect(stderr).toMatch(
      /3 problems of 1 kinds\. What they mean:\nPROCESSED_UNCLAIMED: A delivery was processed, and/,
    );

    const fewer = await verify(['--no-log', '--most', '2']);
    expect(fewer.stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(fewer.stderr).toContain('There are more of PROCESSED_UNCLAIMED: --most.');
    const { problems } = JSON.parse((await verify(['--no-log', '--json'])).stdout) as { problems: unknown[] };
    expect(problems[0]).toMatchObject({ code: 'PROCESSED_UNCLAIMED', offset: '13', means: expect.any(String) });
  });

  it('refuses what it cannot show', async () => {
    expect((await verify(['--most', '0'])).exitCode).toBe(2);
  });
});

describe('what is stored beside the log', () => {
  const stored = (nextOffset: bigint) => ({ partition: 0, nextOffset, incarnation: 1 }) as StoredPartition;
  const compare = (
    before: bigint,
    after: bigint,
    start: bigint,
    end: bigint,
    committed: bigint | null,
    halts: object[] = [],
  ) =>
    compareLog({
      topic: 't',
      before: [stored(before)],
      after: [stored(after)],
      log: new Map([[0, { start, end, committed }]]),
      halts: halts as never,
    }).map(({ code }) => code);

  it('fits where a processor works on while both are asked', () => {
    expect(compare(5n, 9n, 0n, 7n, 7n)).toEqual([]);
    expect(compare(5n, 5n, 5n, 5n, 5n)).toEqual([]);
    expect(compareLog({ topic: 't', before: [], after: [stored(1n)], log: new Map(), halts: [] })).toEqual([]);
  });

  it.each([
    ['OFFSET_BEYOND_LOG', 9n, 9n, 0n, 7n, null],
    ['LOG_EXPIRED_UNREAD', 5n, 5n, 6n, 7n, null],
    ['COMMITTED_AHEAD', 5n, 5n, 0n, 7n, 6n],
  ] as const)('is broken by %s, unless a halt says so already', (code, before, after, start, end, committed) => {
    expect(compare(before, after, start, end, committed)).toEqual([code]);
    expect(compare(before, after, start, end, committed, [{ partition: 0 }])).toEqual([]);
  });
});
