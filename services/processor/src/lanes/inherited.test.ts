import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeRanges, type Database } from '@hookline/database';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo, until } from '@hookline/test-support';
import { Breaker } from '../partition/breaker.ts';
import { audited, deadLetters, FAILED_ONCE, handler, ownLanes, park, untilNoneRetries } from '../testing/lane-world.ts';

let testDb: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDb = await testDatabase();
  database = connectTo(testDb.url);
  await makeRanges(database);
});
afterAll(async () => {
  await database.close();
  await testDb.drop();
});

/** One more failure that counts, and a head is exhausted. */
const ALMOST_DEAD = { ...FAILED_ONCE, attempts: 2 };
const EXHAUSTED = { ...FAILED_ONCE, attempts: 3 };
const FLEET = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('lanes that were another owner’s', () => {
  // The breaker of the new owner has seen nothing: the first of them to fail would die before it could open.
  it.each([
    ['with one attempt left', ALMOST_DEAD],
    ['with none left', EXHAUSTED],
  ])('do not die of a takeover while all keys fail alike, %s', async (_, tries) => {
    const before = await ownLanes(database, []);
    const { partition } = before.fence;
    for (const [offset, key] of FLEET.entries()) await park(database, before.fence, key, [offset + 1], tries);
    let broken = true;
    const down = handler('h', () => (broken ? Promise.reject(new Error('down')) : Promise.resolve()));
    const breaker = new Breaker({ keys: 4, windowMs: 60_000, now: () => performance.now(), onChanged: () => {} });
    const heir = await ownLanes(database, [down], { partition, breaker });
    const done = untilNoneRetries(database, heir);
    await until('each has been tried several times', () =>
      Promise.resolve(
        heir.said.length > 4 * FLEET.length || heir.said.some((said) => said !== 'deferred') || undefined,
      ),
    );
    expect(new Set(heir.said)).toEqual(new Set(['deferred']));
    broken = false;
    await done;
    expect(await deadLetters(database, heir.fence)).toEqual([]);
  });

  it('that fail by themselves die all the same, one try later', async () => {
    const before = await ownLanes(database, []);
    const { partition } = before.fence;
    await park(database, before.fence, 'a', [1], ALMOST_DEAD);
    const heir = await ownLanes(database, [handler('h', () => Promise.reject(new Error('bad')))], { partition });
    await untilNoneRetries(database, heir);
    expect(heir.said).toEqual(['deferred', 'retried', 'dead-lettered']);
    expect(await audited(database, heir.fence)).toEqual(['1 retried h', '1 retried h', '1 dead-lettered h']);
  });
});
