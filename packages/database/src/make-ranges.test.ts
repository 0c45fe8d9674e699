import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { claimIdentities } from './claim-identities.ts';
import type { Database } from './database.ts';
import { findIdentities } from './find-identities.ts';
import { makeRanges } from './make-ranges.ts';
import { auditEntry, claim } from './testing/deliveries.ts';
import { createGate, type Gate } from './testing/gate.ts';
import { PLACE } from './testing/partitions.ts';
import { WEEK_MS } from './testing/past-ranges.ts';
import { commit, transaction } from './transaction.ts';
import { writeAudit } from './write-audit.ts';

const TABLES = ['audit_log', 'processed_deliveries'];

let own: TestDatabase;
let database: Database;

beforeAll(async () => {
  own = await testDatabase();
  database = connectTo(own.url);
});
beforeEach(async () => {
  for (const { name } of await ranges()) await database.query(`drop table hookline.${name}`);
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

interface AttachedRange {
  table: string;
  name: string;
  from: Date;
  to: Date;
}

/** What is attached, by PostgreSQL's catalogs. */
async function ranges(): Promise<AttachedRange[]> {
  const { rows } = await database.query<{ table: string; name: string; bound: string }>(
    `select parent.relname as table, child.relname as name, pg_get_expr(child.relpartbound, child.oid) as bound
       from pg_inherits join pg_class child on child.oid = inhrelid join pg_class parent on parent.oid = inhparent
      where parent.relnamespace = 'hookline'::regnamespace and parent.relkind = 'p'
      order by parent.relname, child.relname`,
  );
  return rows.map(({ table, name, bound }) => {
    const [from, to] = [...bound.matchAll(/'([^']+)'/g)].map(([, time]) => new Date(time as string));
    return { table, name, from: from as Date, to: to as Date };
  });
}

async function now(): Promise<Date> {
  const { rows } = await database.query<{ now: Date }>('select now()');
  return rows[0]?.now as Date;
}

describe('making ranges', () => {
  it('covers this week and the two after it, from Monday to Monday UTC without a gap, in each ranged table', async () => {
    const made = await makeRanges(database);
    const attached = await ranges();
    expect(attached.map(({ name }) => name)).toEqual(made.toSorted());
    for (const table of TABLES) {
      const own = attached.filter((range) => range.table === table);
      expect(own.length).toBe(3);
      const [first, second, third] = own as [AttachedRange, AttachedRange, AttachedRange];
      const time = await now();
      expect(first.from.getTime()).toBeLessThanOrEqual(time.getTime());
      expect(first.to.getTime()).toBeGreaterThan(time.getTime());
      expect([second.from, third.from]).toEqual([first.to, second.to]);
      for (const { name, from, to } of own) {
        expect(from.getUTCDay()).toBe(1);
        expect(from.getTime() % 86_400_000).toBe(0);
        expect(to.getTime() - from.getTime()).toBe(WEEK_MS);
        expect(name).toBe(`${table}_${from.toISOString().slice(0, 10).replaceAll('-', '')}`);
      }
    }
  });

  it('puts the last moment of Sunday into one week and the first of Monday into the next', async () => {
    await makeRanges(database);
    const [first, second] = (await ranges()).filter(({ table }) => table === 'processed_deliveries');
    const moments = [new Date((first as AttachedRange).to.getTime() - 1), first?.to];
    await claimIdentities(database, [claim({ offset: 0n }), claim({ offset: 1n })]);
    for (const [offset, moment] of moments.entries()) {
      await database.query('update hookline.processed_deliveries set claimed_at = $2 where kafka_offset = $1', [
        offset,
        moment,
      ]);
    }
    const { rows } = await database.query(
      `select tableoid::regclass::text as range from hookline.processed_deliveries order by kafka_offset`,
    );
    expect(rows).toEqual([{ range: `hookline.${first?.name}` }, { range: `hookline.${second?.name}` }]);
  });

  it("keeps to UTC whatever the session's time zone: two processes must not cut the week at two places", async () => {
    await makeRanges(database);
    const before = await ranges();
    for (const { name } of before) await database.query(`drop table hookline.${name}`);
    const elsewhere = new URL(own.direct);
    elsewhere.searchParams.set('options', '-c timezone=Pacific/Kiritimati -c datestyle=German');
    const abroad = connectTo(elsewhere.href);
    expect((await abroad.query("select current_setting('timezone') as zone")).rows).toEqual([
      { zone: 'Pacific/Kiritimati' },
    ]);
    await makeRanges(abroad);
    await abroad.close();
    expect(await ranges()).toEqual(before);
  });

  it('makes only what is missing, and nothing the second time', async () => {
    const all = await makeRanges(database);
    expect(await makeRanges(database)).toEqual([]);
    const removed = all.filter((_, i) => i % 2 === 0);
    for (const name of removed) await database.query(`drop table hookline.${name}`);
    expect((await makeRanges(database)).toSorted()).toEqual(removed.toSorted());
  });

  it('is safe by several processes at once: each range is made by one of them', async () => {
    const made = await Promise.all([makeRanges(database), makeRanges(database), makeRanges(database)]);
    const attached = await ranges();
    expect(attached.length).toBe(9);
    expect(made.flat().toSorted()).toEqual(attached.map(({ name }) => name));
  });

  it('gives every range of identities and effects its unique key, and all of them the indexes of their table', async () => {
    await makeRanges(database);
    const { rows } = await database.query<{ tablename: string; indexdef: string }>(
      `select tablename, indexdef from pg_indexes where schemaname = 'hookline' order by tablename, indexname`,
    );
    const indexes = (name: string) => rows.filter((row) => row.tablename === name).map((row) => row.indexdef);
    for (const { table, name } of await ranges()) {
      if (table === 'processed_deliveries') {
        expect(indexes(name)).toEqual([
          expect.stringMatching(/ INDEX .*\(digest, dedup_scope, guid\)$/),
          expect.stringMatching(/UNIQUE INDEX .*\(guid, digest, dedup_scope\)$/),
        ]);
      } else if (table === 'settled_effects') {
        expect(indexes(name)).toEqual([
          expect.stringMatching(/ INDEX .*\(guid\)$/),
          expect.stringMatching(/UNIQUE INDEX .*\(effect_id\)$/),
        ]);
      } else {
        expect(indexes(name)).toEqual([
          expect.stringMatching(/\(guid\)$/),
          expect.stringMatching(/ brin \(recorded_at\) /),
          expect.stringMatching(/\(topic, kafka_partition, kafka_offset\)$/),
        ]);
      }
    }
  });

  it('does not wait for a slow slice, and is not behind it in any queue', async () => {
    await makeRanges(database);
    const last = (await ranges()).filter((_, i) => i % 3 === 2);
    for (const { name } of last) await database.query(`drop table hookline.${name}`);
    const made = await transaction(database, {}, async (slice) => {
      await useTables(slice);
      return commit(await makeRanges(database));
    });
    expect(made.toSorted()).toEqual(last.map(({ name }) => name).toSorted());
  });

  it('does not make slices wait while it runs: an exclusive lock would queue all of them behind the slowest', async () => {
    await makeRanges(database);
    const last = (await ranges()).filter((_, i) => i % 3 === 2);
    for (const { name } of last) await database.query(`drop table hookline.${name}`);
    const atCommit = createGate();
    const proceed = createGate();
    const making = makeRanges(stoppedBeforeCommit(database, atCommit, proceed));
    await atCommit.opened;
    await transaction(database, { lockTimeoutMs: 1000 }, async (slice) => commit(await useTables(slice)));
    proceed.open();
    expect((await making).length).toBe(3);
  });

  it('gives up after 2 s when a lock is not to be had, and leaves nothing half made', async () => {
    await transaction(database, {}, async (operator) => {
      await operator.query('lock table hookline.audit_log');
      await expect(makeRanges(database)).rejects.toMatchObject({ code: '55P03' });
      return commit(null);
    });
    expect(await ranges()).toEqual([]);
    expect((await makeRanges(database)).length).toBe(9);
  });
});

/** All that a slice does with the ranged tables. */
async function useTables(slice: Pick<Database, 'query'>): Promise<void> {
  const one = claim();
  await findIdentities(slice, PLACE, [one]);
  await claimIdentities(slice, [one]);
  await writeAudit(slice, [auditEntry(one)]);
}

/** The same database, whose transactions stop before their COMMIT, with all locks held, until they may go on. */
function stoppedBeforeCommit(real: Database, atCommit: Gate, proceed: Gate): Database {
  return {
    ...real,
    async acquire() {
      const client = await real.acquire();
      return {
        ...client,
        async query(text, values) {
          if (text === 'commit') {
            atCommit.open();
            await proceed.opened;
          }
          return client.query(text, values);
        },
      };
    },
  };
}
