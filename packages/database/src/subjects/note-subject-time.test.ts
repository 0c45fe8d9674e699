import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import type { Database } from '../database.ts';
import { countOldSubjects, deleteOldSubjects } from '../retention/delete-old-subjects.ts';
import { commit, rollback, transaction } from '../transaction.ts';
import { noteSubjectTime } from './note-subject-time.ts';

let own: TestDatabase;
let database: Database;
let processor: Database;
beforeAll(async () => {
  own = await testDatabase();
  database = connectTo(own.url);
  processor = connectTo(own.services.processor);
});
beforeEach(async () => {
  await database.query('truncate hookline.subject_times');
});
afterAll(async () => {
  await Promise.all([database.close(), processor.close()]);
  await own.drop();
});

const subject = (name: string) => Buffer.alloc(32, name);
const time = (second: number) => new Date(1_700_000_000_000 + second * 1000).toISOString();
const note = (at: string, name = 'a', handler = 'h') =>
  noteSubjectTime(processor, { handler, digest: subject(name), at });

describe('the times of a subject', () => {
  it('are stale below the latest that was noted, and only there', async () => {
    const asked = [5, 3, 5, 4, 9, 8];
    const answers: boolean[] = [];
    for (const second of asked) answers.push(await note(time(second)));
    expect(answers).toEqual([false, true, false, true, false, true]);
  });

  it('are those of one handler and one subject', async () => {
    await note(time(9));
    expect(await note(time(1), 'b')).toBe(false);
    expect(await note(time(1), 'a', 'other')).toBe(false);
    expect(await note(time(1))).toBe(true);
  });

  it('end: nothing is later than that, and the end itself is not stale', async () => {
    await note(time(1));
    expect(await note('infinity')).toBe(false);
    expect(await note(time(2))).toBe(true);
    expect(await note('infinity')).toBe(false);
  });

  it('are forgotten by a rollback, and kept by a commit', async () => {
    for (const [end, expected] of [
      [rollback, false],
      [commit, true],
    ] as const) {
      await transaction(processor, {}, async (tx) => {
        await noteSubjectTime(tx, { handler: 'h', digest: subject('a'), at: time(9) });
        return end(null);
      });
      expect(await note(time(1), 'a')).toBe(expected);
      if (end === rollback) await database.query('truncate hookline.subject_times');
    }
  });
});

describe('subjects that nobody asks about any more', () => {
  const DAY = 86_400_000;
  const age = (name: string, days: number) =>
    database.query('update hookline.subject_times set noted_on = current_date - $2::integer where subject = $1', [
      subject(name),
      days,
    ]);

  it('go behind the horizon, in batches; one that was asked about since stays', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await note(time(5), name);
    for (const name of ['a', 'b', 'c']) await age(name, 16);
    await age('d', 13);
    await note(time(4), 'c');
    const keepMs = 14 * DAY;
    expect(await countOldSubjects(database, { keepMs })).toBe(2);
    expect(await deleteOldSubjects(database, { keepMs, batch: 1 })).toBe(1);
    expect(await deleteOldSubjects(database, { keepMs, batch: 10 })).toBe(1);
    expect(await deleteOldSubjects(database, { keepMs, batch: 10 })).toBe(0);
    for (const name of ['c', 'd']) expect(await note(time(1), name)).toBe(true);
  });

  it('are left where a handler is asking about them', async () => {
    await note(time(5));
    await age('a', 30);
    await transaction(processor, {}, async (tx) => {
      await noteSubjectTime(tx, { handler: 'h', digest: subject('a'), at: time(6) });
      expect(await deleteOldSubjects(database, { keepMs: DAY, batch: 10 })).toBe(0);
      return commit(null);
    });
    expect(await note(time(1))).toBe(true);
  });
});
