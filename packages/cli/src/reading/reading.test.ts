import { makeRanges, type Database } from '@hookline/database';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { guid, put, sha256 } from '../testing/put-rows.ts';
import { runHere } from '../testing/run-here.ts';

let own: TestDatabase;
let database: Database;

const KEY = 'github.com/repository/7';
const HOUR = 3_600_000;
const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR);

beforeAll(async () => {
  own = await testDatabase();
  database = connectTo(own.url);
  await makeRanges(database);
  // Weeks that have passed, as after weeks of running.
  await database.query(
    `create table hookline.audit_log_before partition of hookline.audit_log
     for values from ('2026-01-01') to ('${await thisWeek()}')`,
  );
  for (let i = 0; i < 7; i++) {
    await put(database, 'audit_log', {
      decision: 'processed',
      guid: guid(100 + i),
      digest: sha256(`list ${i}`),
      kafka_offset: 100 + i,
      // Two of one transaction, and gaps that no window of time is made for.
      recorded_at: hoursAgo([0, 0, 1, 30, 300, 301, 700][i] as number),
      event: i % 2 === 0 ? 'push' : 'issues',
      flags: i === 3 ? ['reused-guid'] : [],
    });
  }
  await put(database, 'processed_deliveries', { guid: guid(100), digest: sha256('list 0') });
  await put(database, 'processed_deliveries', { guid: guid(101), digest: sha256('list 1'), outcome: 'discarded' });

  await put(database, 'lanes', {
    records: 2,
    next_position: 2,
    bytes: 60,
    attempts: 3,
    last_error: 'no\n\u001b[31msuch label',
  });
  await put(database, 'lanes', { ordering_key: 'github.com/repository/8', state: 'held' });
  await put(database, 'lanes', { ordering_key: 'github.com/repository/9', kafka_partition: 4 });
  await put(database, 'lane_deliveries', { guid: guid(1), kafka_offset: 11, last_run: { welcome: 'dead' } });
  await put(database, 'lane_deliveries', { guid: guid(2), kafka_offset: 12, position: 1, digest: sha256('2') });

  for (let i = 0; i < 5; i++) {
    const place = { kafka_offset: 200 + i, guid: guid(200 + i), digest: sha256(`dead ${i}`) };
    await put(database, 'dead_deliveries', { ...place, ordering_key: `github.com/repository/${i % 2}` });
    await put(database, 'dead_letters', {
      kafka_offset: 200 + i,
      handler: i === 4 ? 'sync' : 'welcome',
      dead_at: hoursAgo(10 - i),
      state: i === 1 ? 'discarded' : 'dead',
      error_fingerprint: i === 4 ? 'bbbbbbbbbbbbbbbb' : 'aaaaaaaaaaaaaaaa',
    });
  }
  await put(database, 'dead_letters', { kafka_offset: 200, handler: 'sync', dead_at: hoursAgo(1) });
  await put(database, 'held_deliveries', { guid: guid(3), digest: sha256('3'), held_at: hoursAgo(3) });
  await put(database, 'held_deliveries', { guid: guid(4), digest: sha256('4'), reason: 'other-event', arrivals: 9 });
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

async function thisWeek(): Promise<string> {
  const { rows } = await database.query<{ week: Date }>(
    `select date_trunc('week', now() at time zone 'UTC') at time zone 'UTC' as week`,
  );
  return (rows[0] as { week: Date }).week.toISOString();
}

const hookline = (...args: string[]) => runHere(args, { HOOKLINE_DATABASE_URL: own.url });

async function read<T>(...args: string[]): Promise<T> {
  const { exitCode, stdout, stderr } = await hookline(...args, '--json');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

type Listed = Record<string, unknown> & { next: string | null };

describe('a list', () => {
  // What somebody walks through page by page must be what is there: nothing twice, nothing left out.
  it.each([
    [['deliveries', 'list'], 'deliveries', 7],
    [['lanes', 'list'], 'lanes', 3],
    [['dead-letters', 'list', '--each', '--state', 'all'], 'deadLetters', 6],
    [['dead-letters', 'list', '--state', 'all'], 'groups', 2],
    [['replays', 'list'], 'replays', 2],
  ])('%j is the same in one page and in pages of one and two', async (args, name, count) => {
    const whole = await read<Listed>(...args);
    expect(whole.next).toBeNull();
    expect(whole[name]).toHaveLength(count);
    for (const size of [1, 2]) {
      const rows: unknown[] = [];
      let next: string | null = null;
      do {
        const page: Listed = await read(...args, '--limit', String(size), ...(next ? ['--after', next] : []));
        expect((page[name] as unknown[]).length).toBeLessThanOrEqual(size);
        rows.push(...(page[name] as unknown[]));
        next = page.next;
      } while (next);
      expect(rows).toEqual(whole[name]);
    }
  });

  it.each([
    [['deliveries', 'list', '--event', 'push'], 'deliveries', 4],
    [['deliveries', 'list', '--event', 'push', '--since', '40h'], 'deliveries', 2],
    [['deliveries', 'list', '--guid', guid(105)], 'deliveries', 1],
    [['deliveries', 'list', '--flag', 'reused-guid'], 'deliveries', 1],
    [['deliveries', 'list', '--decision', 'duplicate'], 'deliveries', 0],
    [['deliveries', 'list', '--source', 'other'], 'deliveries', 0],
    [['deliveries', 'list', '--key', KEY, '--partition', '3'], 'deliveries', 7],
    [['lanes', 'list', '--state', 'held'], 'lanes', 1],
    [['lanes', 'list', '--key', KEY], 'lanes', 1],
    [['lanes', 'list', '--partition', '4'], 'lanes', 1],
    [['dead-letters', 'list', '--handler', 'sync', '--each'], 'deadLetters', 2],
    [['dead-letters', 'list', '--key', 'github.com/repository/1', '--each'], 'deadLetters', 1],
    [['dead-letters', 'list', '--fingerprint', 'bbbbbbbbbbbbbbbb'], 'deadLetters', 1],
    [['dead-letters', 'list', '--state', 'discarded', '--each'], 'deadLetters', 1],
    [['dead-letters', 'list', '--event', 'push'], 'groups', 0],
    [['dead-letters', 'list', '--each', '--since', '7h'], 'deadLetters', 2],
    [['replays', 'list', '--reason', 'other-event'], 'replays', 1],
    [['replays', 'list', '--event', 'push'], 'replays', 0],
    [['replays', 'list', '--key', KEY, '--source', 'main'], 'replays', 2],
  ])('%j has %s: %d', async (args, name, count) => {
    expect((await read<Listed>(...args))[name]).toHaveLength(count);
  });

  it('says in words that it is empty, and how it goes on', async () => {
    expect(await hookline('replays', 'list', '--event', 'push')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'There are none.\n',
    });
    const { stdout, stderr } = await hookline('deliveries', 'list', '--limit', '2');
    expect(stdout.split('\n')).toHaveLength(4);
    expect(stderr).toMatch(/^There are more: --after [\w-]+\n$/);
  });

  it.each([
    [['deliveries', 'list', '--limit', '0'], 'a number from 1 to 1000'],
    [['deliveries', 'list', '--limit', '1001'], 'a number from 1 to 1000'],
    [['deliveries', 'list', '--after', 'x'], 'what the page before has printed'],
    [['deliveries', 'list', '--after', Buffer.from('[1]').toString('base64url')], 'what the page before has printed'],
    [['deliveries', 'list', '--after', Buffer.from('["lanes"]').toString('base64url')], 'of another list: lanes'],
    [['deliveries', 'list', '--since', 'yesterday'], 'It must be a time'],
    [['deliveries', 'list', '--decision', 'lost'], 'Allowed choices are processed'],
    [['deliveries', 'show', 'x'], 'It must be a GUID'],
    [['replays', 'show', 'xyz'], 'a GUID, or 8 to 64 digits'],
    [['dead-letters', 'show', 'x'], 'It must be a number'],
  ])('refuses %j as wrongly typed', async (args, told) => {
    const { exitCode, stdout, stderr } = await hookline(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(told);
  });
});

describe('hookline deliveries', () => {
  it('lists each with its place, and how it stands now', async () => {
    const { deliveries } = await read<{ deliveries: Record<string, unknown>[] }>('deliveries', 'list', '--limit', '2');
    expect(deliveries.find((one) => one['guid'] === guid(100))).toEqual({
      topic: 'github.deliveries',
      partition: 3,
      incarnation: 1,
      offset: '100',
      recordedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      receivedAt: '2026-01-01T00:00:00.000Z',
      decision: 'processed',
      flags: [],
      detail: null,
      orderingKey: KEY,
      source: 'main',
      dedupScope: 'main',
      guid: guid(100),
      digest: sha256('list 0').toString('hex'),
      event: 'push',
      action: 'opened',
      state: 'processed',
    });
    expect(deliveries.find((one) => one['guid'] === guid(101))).toMatchObject({ state: 'discarded' });
  });

  it('shows a delivery that waits, its body only when it is asked for', async () => {
    const { stdout } = await hookline('deliveries', 'show', guid(1));
    expect(stdout).toMatch(/^STATE .*\nwaiting +issues +main/);
    expect(stdout).toMatch(/verified by +current/);
    expect(stdout).not.toContain('Größe');
    expect((await hookline('deliveries', 'show', guid(1), '--body')).stdout).toContain('"zen": "Größe"');
    expect(await read('deliveries', 'show', guid(1), '--body')).toMatchObject({
      identities: [{ state: 'waiting' }],
      waiting: [{ offset: '11', body: { encoding: 'utf8', text: expect.stringContaining('Größe') } }],
    });
  });

  it('says of one that no table keeps the body of where that is', async () => {
    const { stdout, stderr } = await hookline('deliveries', 'show', guid(100), '--body');
    expect(stdout).toMatch(/In the log\n.*3\/100 {2}processed[^]*Claimed\n {2}outcome +processed/);
    expect(stderr).toContain('it is in Kafka');
  });

  it('shows what died, and what is held for being like it', async () => {
    const { stdout } = await hookline('deliveries', 'show', guid(200));
    expect(stdout).toMatch(/^STATE .*\ndead /);
    expect(stdout).toMatch(/dead letter \d+: welcome, dead: no such label\n {2}dead letter \d+: sync, dead/);
    expect((await hookline('deliveries', 'show', guid(1))).stdout).toContain('Held, for being like this one');
  });

  it('says of a GUID that nobody knows what that can mean', async () => {
    const { exitCode, stdout, stderr } = await hookline('deliveries', 'show', guid(999));
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/Nothing is known of .*the audit, which begins at 2026-01-01T/);
  });
});

describe('hookline lanes', () => {
  it('lists keys that wait, with their heads, and lets nobody write to the terminal', async () => {
    const { stdout } = await hookline('lanes', 'list');
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatch(
      /^github\.com\/repository\/7 +retrying +2 +3 .*issues\.opened +3\/11 .* no \\u001b\[31msuch label$/,
    );
    expect(lines[2]).toMatch(/^github\.com\/repository\/8 +held +0 +0 +- /);
  });

  it('shows one with what waits in it, and the payload of its head', async () => {
    const { stdout } = await hookline('lanes', 'show', KEY, '--body');
    expect(stdout).toMatch(/state +retrying\n[^]*What waits\n[^]*welcome: dead\n[^]*Head\n[^]*"zen": "Größe"/);
    expect(await read('lanes', 'show', KEY, '--limit', '1')).toMatchObject([
      { records: 2, head: { offset: '11' }, waiting: [{ position: '0', lastRun: { welcome: 'dead' } }] },
    ]);
    expect((await hookline('lanes', 'show', 'github.com/repository/8')).stdout).toContain('when it is released');
    expect((await hookline('lanes', 'show', 'github.com/repository/1')).exitCode).toBe(1);
  });
});

describe('hookline dead-letters', () => {
  it('lists one row for each error, with counts, handlers, first, last and an example', async () => {
    const { groups } = await read<{ groups: unknown[] }>('dead-letters', 'list');
    expect(groups).toEqual([
      {
        fingerprint: 'aaaaaaaaaaaaaaaa',
        letters: 4,
        occurrences: 4,
        deliveries: 3,
        keys: 2,
        handlers: ['sync', 'welcome'],
        reasons: ['handler-failed'],
        firstAt: expect.any(String),
        lastAt: expect.any(String),
        example: { id: '6', message: 'no such label' },
      },
      expect.objectContaining({ fingerprint: 'bbbbbbbbbbbbbbbb', letters: 1 }),
    ]);
  });

  it('shows one with its stack, its delivery and the other letters of that', async () => {
    const { stdout } = await hookline('dead-letters', 'show', '1', '--body');
    expect(stdout).toMatch(/This dead letter: 1\n[^]*at welcome[^]*Another of its dead letters: 6\n[^]*"zen": "Größe"/);
    expect(await read('dead-letters', 'show', '1')).toMatchObject({
      offset: '200',
      letters: [{ id: '1' }, { id: '6' }],
    });
    expect((await hookline('dead-letters', 'show', '99')).stderr).toContain('There is no dead letter 99');
  });

  it('shows the value of a record that is no delivery, and what was erased', async () => {
    const none = { ordering_key: null, source: null, dedup_scope: null, guid: null, digest: null, event: null };
    const nothing = { ...none, action: null, received_at: null, headers: null, secret_label: null, body_bytes: null };
    const raw = { body: Buffer.from([0xff, 0x00, 0x41]), body_encoding: 'identity' };
    await put(database, 'dead_deliveries', { ...nothing, ...raw, kafka_offset: 300 });
    await put(database, 'dead_letters', {
      kafka_offset: 300,
      handler: null,
      reason: 'undecodable',
      attempts: 0,
      state: 'redriven',
    });
    expect((await hookline('dead-letters', 'show', '7', '--body')).stdout).toContain('/wBB');
    expect(await read('dead-letters', 'show', '7', '--body')).toMatchObject({
      body: { encoding: 'base64', text: '/wBB' },
    });
    await database.query(
      'update hookline.dead_deliveries set body = null, body_encoding = null where kafka_offset = 300',
    );
    expect((await hookline('dead-letters', 'show', '7', '--body')).stderr).toContain('There is no body');
  });
});

describe('hookline replays', () => {
  it('lists what is held, and shows it by GUID and by digest', async () => {
    const { stdout } = await hookline('replays', 'list');
    expect(stdout.split('\n')[1]).toMatch(/^[0-9a-f]{16} +held +other-event +issues\.opened/);
    const digest = sha256('4').toString('hex');
    for (const which of [guid(4), digest, digest.slice(0, 8).toUpperCase()]) {
      expect(await read('replays', 'show', which)).toMatchObject([{ guid: guid(4), arrivals: 9, digest }]);
    }
    const shown = await hookline('replays', 'show', guid(1), '--body');
    expect(shown.stdout.match(/^reason /gm)).toHaveLength(2);
    expect(shown.stdout).toContain('"zen": "Größe"');
    expect((await hookline('replays', 'show', guid(999))).exitCode).toBe(1);
  });

  it('lists what was decided where that is asked for, and tells when that was', async () => {
    const of = { guid: guid(21), digest: sha256('21'), body: null, body_encoding: null, body_bytes: null };
    const decided = { state: 'released', settled_at: new Date('2026-01-02T00:00:00Z') };
    await put(database, 'held_deliveries', { ...of, known_guid: guid(20), ...decided });
    expect((await hookline('replays', 'list')).stdout).not.toContain(guid(21));
    expect((await hookline('replays', 'list', '--state', 'released')).stdout).toMatch(/ released +suspected-replay /);
    expect((await hookline('replays', 'show', guid(21))).stdout).toMatch(/state +released at 2026-01-02T00:00:00/);
    await database.query('delete from hookline.held_deliveries where guid = $1', [guid(21)]);
  });
});
