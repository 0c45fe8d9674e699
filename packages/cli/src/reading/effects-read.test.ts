import { makeRanges, type Database } from '@hookline/database';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { effectId, guid, put, sha256 } from '../testing/put-rows.ts';
import { runHere } from '../testing/run-here.ts';

let own: TestDatabase;
let database: Database;

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
const EFFECTS: Record<string, unknown>[] = [
  { state: 'waiting', due_at: at(30) },
  { state: 'sending', attempt_started_at: at(20), attempt_ends_at: at(21), attempts: 2, total_attempts: 9 },
  { state: 'dead', reason: 'refused', error: 'Not\nFound', kind: 'http.post', handler: 'sync', repository_id: '8' },
  { state: 'waiting', ordering_key: 'github.com/repository/8', guid: guid(2), digest: sha256('2') },
];

beforeAll(async () => {
  own = await testDatabase();
  database = connectTo(own.url);
  await makeRanges(database);
  for (const [i, given] of EFFECTS.entries()) {
    // The last two were asked for in one transaction.
    await put(database, 'outbox', { effect_id: effectId(i), created_at: at(Math.min(i, 2)), ...given });
  }
  await put(database, 'settled_effects', { effect_id: effectId(5), result: { id: 77 }, attempts: 3 });
  await put(database, 'settled_effects', { effect_id: effectId(6), outcome: 'discarded', handler: 'sync' });
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

const hookline = (...args: string[]) => runHere(args, { HOOKLINE_DATABASE_URL: own.url });

async function read<T>(...args: string[]): Promise<T> {
  const { exitCode, stdout, stderr } = await hookline(...args, '--json');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

interface Listed {
  effects: { effectId: string; state: string }[];
  next: string | null;
}

describe('hookline effects list', () => {
  it.each<[string, string[], number[]]>([
    ['what is not settled, the last one first', [], [3, 2, 1, 0]],
    ['a state', ['--state', 'sending'], [1]],
    ['what was sent', ['--state', 'sent'], [5]],
    ['what was discarded', ['--state', 'discarded', '--handler', 'sync'], [6]],
    ['a kind', ['--kind', 'github.comment'], [3, 1, 0]],
    ['a handler', ['--handler', 'sync'], [2]],
    ['a key', ['--key', 'github.com/repository/8'], [3]],
    ['a repository', ['--repository', '8'], [2]],
    ['why it is dead', ['--reason', 'refused'], [2]],
  ])('lists %s', async (_, args, numbers) => {
    const { effects } = await read<Listed>('effects', 'list', ...args);
    expect(effects.map((effect) => effect.effectId)).toEqual(numbers.map(effectId));
  });

  it('has pages that leave nothing out, and repeat nothing', async () => {
    const found: string[] = [];
    for (let after: string[] = []; ;) {
      const page = await read<Listed>('effects', 'list', '--limit', '1', ...after);
      found.push(...page.effects.map((effect) => effect.effectId));
      if (page.next === null) break;
      after = ['--after', page.next];
    }
    expect(found).toEqual([3, 2, 1, 0].map(effectId));
  });

  it('is a table for people', async () => {
    const { stdout } = await hookline('effects', 'list', '--state', 'dead');
    expect(stdout).toMatch(/dead \(refused\) +http\.post +sync +github\.com\/repository\/7 .* Not Found\n/);
  });
});

describe('hookline effects show', () => {
  it('shows what was asked for, and how it stands', async () => {
    expect(await read('effects', 'show', effectId(1))).toMatchObject({
      state: 'sending',
      attempts: 2,
      totalAttempts: 9,
      attemptEndsAt: at(21).toISOString(),
      request: { body: 'Thanks!' },
    });
    const { stdout } = await hookline('effects', 'show', effectId(0).toUpperCase());
    expect(stdout).toMatch(/due at +2026-01-01T00:30:00Z\n/);
    expect(stdout).toMatch(/request +{"body":"Thanks!"}\n/);
  });

  it('shows what its target has answered, of what was sent', async () => {
    expect(await read('effects', 'show', effectId(5))).toMatchObject({
      state: 'sent',
      result: { id: 77 },
      attempts: 3,
    });
  });

  it('says that it knows none of that id', async () => {
    const { exitCode, stderr } = await hookline('effects', 'show', effectId(99));
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`There is no effect ${effectId(99)}`);
  });
});

describe('hookline trace', () => {
  it('tells the effects of a delivery with their attempts, as the audit has them, and how each stands', async () => {
    const one = { guid: guid(9), digest: sha256('9'), kafka_offset: 90 };
    const entries = [
      { decision: 'processed' },
      { stage: 'effect', decision: 'failed', handler: 'welcome', attempt: 1, detail: '502', effect_id: effectId(9) },
      { stage: 'effect', decision: 'sent', handler: 'welcome', attempt: 2, effect_id: effectId(9) },
    ];
    for (const entry of entries) await put(database, 'audit_log', { ...one, ...entry });
    await put(database, 'processed_deliveries', one);
    const { kafka_offset: _, ...of } = one;
    await put(database, 'settled_effects', { ...of, effect_id: effectId(9), attempts: 2, kind: 'kafka.publish' });
    const traced = await read<{ story: { decision?: string }[]; now: Record<string, unknown> }>('trace', guid(9));
    expect(traced.story.flatMap(({ decision }) => decision ?? [])).toEqual(['processed', 'failed', 'sent']);
    expect(traced.now).toMatchObject({ effects: [{ effectId: effectId(9), state: 'sent' }], askedBy: null });
    const { stdout } = await hookline('trace', guid(9));
    expect(stdout).toMatch(new RegExp(`failed \\(effect\\) +3/90 +welcome +1 +- +effect ${effectId(9)} 502\\n`));
    expect(stdout).toMatch(new RegExp(`Effect ${effectId(9)}: kafka\\.publish of welcome, sent at .*, 2 attempts\\n`));
  });

  it('leads from a job to the delivery whose handler has asked for it', async () => {
    const job = { guid: effectId(9), digest: sha256('job'), kafka_offset: 91, event: 'hookline_job', action: 'sync' };
    await put(database, 'audit_log', { ...job, decision: 'processed' });
    const { stdout } = await hookline('trace', effectId(9));
    expect(stdout).toContain(`It is the job that welcome has asked for, of ${guid(9)}. hookline trace ${guid(9)}`);
    expect(await read('trace', effectId(9))).toMatchObject({ now: { askedBy: { guid: guid(9) } } });
  });
});
