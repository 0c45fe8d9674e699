import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@hookline/test-support';
import type { Database } from '../database.ts';
import { makeRanges } from '../make-ranges.ts';
import { createGate } from '../testing/gate.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { attachedRanges, givePastRange, rangeName, WEEK_MS, weekOf } from '../testing/past-ranges.ts';
import { commit, transaction } from '../transaction.ts';
import { dropRange } from './drop-range.ts';
import type { OldRange } from './ranged-table.ts';
import { readClock } from './read-clock.ts';
import { readOldRanges } from './read-old-ranges.ts';
import { readRangeBounds } from './read-range-bounds.ts';

const TABLE = 'processed_deliveries';
const DAY_MS = WEEK_MS / 7;
const PATIENT_MS = 30_000;

const database = ownDatabase();
let thisWeek: number;

beforeAll(async () => {
  thisWeek = weekOf(await readClock(database));
});
beforeEach(async () => {
  await makeRanges(database);
});
afterEach(async () => {
  const { rows } = await database.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'hookline'::regnamespace and relkind = 'r'
        and relname ~ '_2\\d{7}$'`,
  );
  for (const { name } of rows) {
    await database.query(`alter table hookline.${TABLE} detach partition hookline.${name} finalize`).catch(() => {});
    await database.query(`drop table hookline.${name}`);
  }
});

const weeksAgo = (weeks: number) => givePastRange(database, TABLE, thisWeek - weeks * WEEK_MS);

async function theOld(name: string): Promise<OldRange> {
  const old = await readOldRanges(database, TABLE, 14 * DAY_MS);
  return old.find((range) => range.name === name) as OldRange;
}

/** A transaction that has looked into every range, as each slice does, and stays open until the gate is opened. */
function openSlice() {
  const gate = createGate();
  const looked = createGate();
  const ended = transaction(database, {}, async (tx) => {
    await tx.query(`select count(*) from hookline.${TABLE}`);
    looked.open();
    await gate.opened;
    return commit(null);
  });
  const end = () => {
    gate.open();
    return ended;
  };
  return { looked: looked.opened, end };
}

function detaching(): Promise<true> {
  return until('the range is being detached', async () => {
    const { rowCount } = await database.query(`select from pg_inherits where inhdetachpending`);
    return rowCount === 1 || undefined;
  });
}

describe('the old ranges', () => {
  it('are those of which every moment is behind the horizon, by their bounds in the catalogs', async () => {
    for (const weeks of [1, 2, 3, 4]) await weeksAgo(weeks);
    const first = thisWeek - 2 * WEEK_MS;
    const at = (time: number) => readOldRanges(database, TABLE, 14 * DAY_MS, new Date(time));
    // The range of three weeks ago ends where that of two weeks ago begins.
    expect((await at(first + 14 * DAY_MS - 1)).map(({ from }) => from)).toEqual([thisWeek - 4 * WEEK_MS]);
    const old = await at(first + 14 * DAY_MS);
    expect(old).toEqual([
      expect.objectContaining({ from: thisWeek - 4 * WEEK_MS, to: thisWeek - 3 * WEEK_MS, state: 'attached' }),
      expect.objectContaining({ name: rangeName(TABLE, thisWeek - 3 * WEEK_MS), bytes: expect.any(Number) }),
    ]);
  });

  it("go by the database's clock, where nothing else is said", async () => {
    const [, young] = [await weeksAgo(4), await weeksAgo(1)];
    expect((await readOldRanges(database, TABLE, 14 * DAY_MS)).map(({ name }) => name)).toEqual([
      rangeName(TABLE, thisWeek - 4 * WEEK_MS),
    ]);
    expect(await attachedRanges(database, TABLE)).toContain(young);
  });

  it('of one table are not those of the other', async () => {
    await weeksAgo(4);
    expect(await readOldRanges(database, 'audit_log', DAY_MS)).toEqual([]);
  });
});

describe('dropping a range', () => {
  it('takes it away as a whole', async () => {
    const name = await weeksAgo(4);
    expect(await dropRange(database, await theOld(name), PATIENT_MS)).toEqual({ success: true });
    const { rows } = await database.query(`select to_regclass('hookline.${name}') as there`);
    expect(rows).toEqual([{ there: null }]);
    expect(await theOld(name)).toBeUndefined();
  });

  // An exclusive lock that waits makes everybody wait behind it: with one slow handler in the fleet, every partition would
  // stand still for as long as the lock may wait, again and again.
  it('waits for the slices that look into it, and makes no slice wait', async () => {
    const name = await weeksAgo(4);
    const slow = openSlice();
    await slow.looked;
    const dropping = dropRange(database, await theOld(name), PATIENT_MS);
    await detaching();
    await transaction(database, { lockTimeoutMs: 1000 }, async (tx) => {
      await tx.query(`select count(*) from hookline.${TABLE}`);
      await tx.query(
        `insert into hookline.${TABLE} (guid, digest, dedup_scope, event, topic, kafka_partition, kafka_offset)
         values (gen_random_uuid(), sha256('x'), 'main', 'push', 'log', 0, 0)`,
      );
      return commit(null);
    });
    const { rows } = await database.query(`select to_regclass('hookline.${name}') is not null as there`);
    expect(rows).toEqual([{ there: true }]);
    await slow.end();
    expect(await dropping).toEqual({ success: true });
  });

  it('gives up when a transaction does not end in time; the next run goes on, and ranges are made meanwhile', async () => {
    const name = await weeksAgo(4);
    const next = rangeName(TABLE, thisWeek + 2 * WEEK_MS);
    await database.query(`drop table hookline.${next}`);
    const slow = openSlice();
    await slow.looked;
    expect(await dropRange(database, await theOld(name), 100)).toEqual({ success: false, reason: 'IN_USE' });
    expect(await theOld(name)).toMatchObject({ name, state: 'pending' });
    expect(await attachedRanges(database, TABLE)).not.toContain(name);
    const bounds = await readRangeBounds(database);
    expect(await makeRanges(database)).toContain(next);
    await slow.end();
    // What is detached is not to be seen any more.
    expect(bounds).toContainEqual(expect.objectContaining({ table: TABLE, from: thisWeek }));
    expect(await dropRange(database, await theOld(name), PATIENT_MS)).toEqual({ success: true });
    expect(await theOld(name)).toBeUndefined();
  });

  it('drops what an interrupted drop has left, and leaves alone what somebody else has detached', async () => {
    const [left, archive] = [await weeksAgo(4), await weeksAgo(5)];
    const old = await theOld(left);
    const killed: Database = {
      ...database,
      query: (text, values) =>
        text.startsWith('comment') || text.startsWith('alter')
          ? database.query(text, values)
          : Promise.reject(new Error(text)),
      acquire: () => Promise.reject(new Error('killed')),
    };
    await expect(dropRange(killed, old, PATIENT_MS)).rejects.toThrow('killed');
    await database.query(`alter table hookline.${TABLE} detach partition hookline.${archive}`);
    expect(await readOldRanges(database, TABLE, 14 * DAY_MS)).toEqual([
      { ...old, state: 'detached', bytes: expect.any(Number) },
    ]);
    expect(await dropRange(database, await theOld(left), PATIENT_MS)).toEqual({ success: true });
    expect(await readOldRanges(database, TABLE, 14 * DAY_MS)).toEqual([]);
  });

  it('says that a detached range is in use when it cannot be locked', async () => {
    const name = await weeksAgo(4);
    const old = await theOld(name);
    await database.query(`alter table hookline.${TABLE} detach partition hookline.${name}`);
    await transaction(database, {}, async (reader) => {
      await reader.query(`select count(*) from hookline.${name}`);
      expect(await dropRange(database, { ...old, state: 'detached' }, PATIENT_MS)).toEqual({
        success: false,
        reason: 'IN_USE',
      });
      return commit(null);
    });
  });

  it('passes on what else the database says', async () => {
    const name = await weeksAgo(4);
    const old = await theOld(name);
    await database.query(`drop table hookline.${name}`);
    await expect(dropRange(database, old, PATIENT_MS)).rejects.toMatchObject({ code: '42P01' });
    await expect(dropRange(database, { ...old, state: 'pending' }, PATIENT_MS)).rejects.toMatchObject({
      code: '42P01',
    });
  });
});
