import { makeRanges, type Database } from '@hookline/database';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { guid, put, sha256 } from '../testing/put-rows.ts';
import { runHere } from '../testing/run-here.ts';

let own: TestDatabase;
let database: Database;

const COMMAND = '5d1b2c00-0000-4000-8000-c00000000001';
const KEY = 'github.com/repository/7';
/** Minutes of the story, from an hour ago. */
const begin = Date.now() - 3_600_000;
const minute = (minutes: number) => new Date(begin + minutes * 60_000);

beforeAll(async () => {
  own = await testDatabase();
  database = connectTo(own.url);
  await makeRanges(database);
  const week = new Date(begin - 21 * 86_400_000).toISOString();
  const { rows } = await database.query<{ from: Date }>(
    `select date_trunc('week', now() at time zone 'UTC') at time zone 'UTC' as from`,
  );
  await database.query(
    `create table hookline.audit_log_before partition of hookline.audit_log
     for values from ('${week}') to ('${(rows[0] as { from: Date }).from.toISOString()}')`,
  );
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

const trace = (...args: string[]) => runHere(['trace', ...args], { HOOKLINE_DATABASE_URL: own.url });

interface Told {
  notes: string[];
  identities: { state: string | null }[];
  story: { kind: string; decision?: string }[];
  now: Record<string, unknown[]>;
}

async function told(id: string): Promise<Told> {
  const { exitCode, stdout } = await trace(id, '--json');
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as Told;
}

describe('hookline trace', () => {
  it('tells one delivery from its arrival to a redrive, in order', async () => {
    const one = { guid: guid(1), digest: sha256('1'), kafka_offset: 10 };
    const entries: [number, Record<string, unknown>][] = [
      [1, { decision: 'parked', attempt: 1, detail: 'no such label' }],
      [2, { stage: 'lane', decision: 'retried', handler: 'welcome', attempt: 2, detail: 'no such label' }],
      [3, { stage: 'lane', decision: 'dead-lettered', handler: 'welcome', attempt: 3 }],
      [6, { stage: 'operator', decision: 'redriven', actor: 'ada', command_id: COMMAND, detail: 'it was fixed' }],
      [6, { stage: 'lane', decision: 'processed' }],
    ];
    for (const [at, entry] of entries) {
      await put(database, 'audit_log', { ...one, ...entry, recorded_at: minute(at), received_at: minute(0) });
    }
    await put(database, 'processed_deliveries', { ...one, outcome: 'dead', claimed_at: minute(3) });
    await put(database, 'dead_deliveries', one);
    await put(database, 'dead_letters', { kafka_offset: 10, state: 'redriven', generation: 2 });
    await put(database, 'control_commands', { command_id: COMMAND, command: 'redrive', requested_at: minute(5) });

    const { notes, identities, story, now } = await told(guid(1));
    expect(notes).toEqual([]);
    expect(identities).toMatchObject([{ state: 'processed', arrivals: 1 }]);
    expect(story.map(({ kind, decision }) => decision ?? kind)).toEqual([
      'received',
      'parked',
      'retried',
      'dead-lettered',
      'commanded',
      'redriven',
      'processed',
    ]);
    expect(story[0]).toMatchObject({ source: 'main', secretLabel: 'current', partition: 3, offset: '10' });
    expect(story[4]).toMatchObject({ actor: 'ada', why: 'it was fixed', outcome: 'applied', offset: '20' });
    expect(now).toMatchObject({ claims: [{ outcome: 'dead' }], dead: [{ letters: [{ generation: 2 }] }] });

    const { stdout, stderr } = await trace(guid(1).toUpperCase());
    expect(stderr).toBe('');
    expect(stdout).toMatch(/received +3\/10 .* issues\.opened from main, verified by current\n/);
    expect(stdout).toMatch(/retried \(lane\) +3\/10 +welcome +2 +- +no such label\n/);
    expect(stdout).toMatch(/redriven \(operator\) +3\/10 .*ada +it was fixed command 5d1b2c00-/);
    expect(stdout).toMatch(/\n\nNow: issues, payload [0-9a-f]{16} in main: processed\.\nClaimed as dead at /);
    expect(stdout).toContain('Dead letter 1: welcome, redriven, run 2: no such label');
  });

  it('says when the retention of the audit has eaten the beginning', async () => {
    const old = { guid: guid(2), digest: sha256('2'), kafka_offset: 5 };
    await put(database, 'lane_deliveries', old);
    await put(database, 'lanes', { state: 'held', records: 1, next_position: 1, bytes: 1 });
    await put(database, 'audit_log', { ...old, stage: 'lane', decision: 'held', recorded_at: minute(1) });
    const { notes, identities } = await told(guid(2));
    expect(identities).toMatchObject([{ state: 'waiting', arrivals: 0 }]);
    expect(notes).toEqual([
      expect.stringMatching(/^The beginning is missing: .* when 3\/5 was read\. It begins at 20/),
    ]);
    const { stdout, stderr } = await trace(guid(2));
    expect(stderr).toContain('The beginning is missing');
    expect(stdout).toContain(`Waits in the lane of ${KEY}, next, for a delivery; the lane is held.`);
  });

  it('keeps several deliveries under one GUID apart', async () => {
    const other = sha256('another payload');
    for (const [offset, digest] of [
      [30, sha256('3')],
      [31, other],
    ] as const) {
      const place = { guid: guid(3), digest, kafka_offset: offset };
      await put(database, 'audit_log', {
        ...place,
        decision: 'processed',
        flags: offset === 31 ? ['reused-guid'] : [],
      });
      await put(database, 'processed_deliveries', place);
    }
    const again = { guid: guid(3), digest: other, kafka_offset: 32, event: 'push' };
    await put(database, 'audit_log', { ...again, decision: 'held', flags: ['other-event'] });
    await put(database, 'held_deliveries', { ...again, known_guid: guid(3), reason: 'other-event' });
    const { notes, identities } = await told(guid(3));
    expect(notes).toEqual([
      expect.stringContaining('2 deliveries share this GUID'),
      expect.stringContaining('came under several events: issues, push'),
    ]);
    expect(identities).toMatchObject([{ state: 'processed' }, { state: 'processed', arrivals: 2 }]);
    const { stdout } = await trace(guid(3));
    expect(stdout).toContain(`payload ${other.toString('hex').slice(0, 16)}`);
    expect(stdout).toMatch(/\[other-event\]\n/);
    expect(stdout).toContain('Held as other-event since');
  });

  it('tells of what is held for being like this one', async () => {
    await put(database, 'audit_log', { guid: guid(4), digest: sha256('4'), decision: 'processed', kafka_offset: 40 });
    await put(database, 'held_deliveries', {
      guid: guid(5),
      digest: sha256('4'),
      known_guid: guid(4),
      kafka_offset: 41,
    });
    expect((await trace(guid(4))).stdout).toContain(`${guid(5)} is held as suspected-replay`);
    // The audit has the decision about that one under its own GUID.
    expect((await told(guid(4))).notes).toEqual([]);
    expect((await told(guid(5))).identities).toMatchObject([{ state: 'held' }]);
    await database.query(
      `update hookline.held_deliveries set state = 'discarded', settled_at = '2026-01-02T00:00:00Z' where guid = $1`,
      [guid(5)],
    );
    expect((await trace(guid(4))).stdout).toMatch(/was held as suspected-replay .*; discarded at 2026-01-02/);
    expect((await told(guid(5))).identities).toMatchObject([{ state: null }]);
  });

  it('misses nothing of what has moved with the generation of its topic', async () => {
    const one = { guid: guid(6), digest: sha256('6'), kafka_offset: 60 };
    await put(database, 'audit_log', { ...one, decision: 'parked' });
    await put(database, 'lane_deliveries', { ...one, topic: 'github.deliveries.g2', incarnation: -1, position: 9 });
    expect((await told(guid(6))).notes).toEqual([]);
  });

  it('fails for a GUID that nobody knows, and says what that can mean', async () => {
    const { exitCode, stdout, stderr } = await trace(guid(999));
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/was not read yet .* or is older than the audit, which begins at 20/);
  });
});
