import { beforeAll, describe, expect, it } from '@jest/globals';
import { makeRanges } from '../make-ranges.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { givePastRange, weekOf, WEEK_MS } from '../testing/past-ranges.ts';
import { readRangeBounds } from './read-range-bounds.ts';

const database = ownDatabase();

beforeAll(() => makeRanges(database));

describe('readRangeBounds', () => {
  // What an alert on retention goes by: how far back the oldest range goes, and how far ahead the newest.
  it('tells of each table in ranges from when to when it reaches', async () => {
    const thisWeek = weekOf(Date.now());
    await givePastRange(database, 'processed_deliveries', thisWeek - 3 * WEEK_MS);
    // Whoever has the database may have tables of his own in it.
    await database.query(
      `create schema others;
       create table others.readings (at timestamptz) partition by range (at);
       create table others.readings_1 partition of others.readings for values from ('2001-01-01') to ('2002-01-01')`,
    );
    const to = thisWeek + 3 * WEEK_MS;
    expect(await readRangeBounds(database)).toEqual([
      { table: 'audit_log', from: thisWeek, to },
      { table: 'processed_deliveries', from: thisWeek - 3 * WEEK_MS, to },
      { table: 'settled_effects', from: thisWeek, to },
    ]);
  });
});
