import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import { claimIdentities } from './claim-identities.ts';
import type { Database } from './database.ts';
import { lookUpIdentities } from './door/look-up-identities.ts';
import { findIdentities } from './find-identities.ts';
import { findOpenLanes } from './lanes/find-open-lanes.ts';
import { makeRanges } from './make-ranges.ts';
import { claim } from './testing/deliveries.ts';
import { fenceOf } from './testing/partitions.ts';
import { commit, transaction } from './transaction.ts';

const TIMEOUT_MS = 10_000;
const fence = fenceOf(1n);

let own: TestDatabase;
/** One session, past any pooler. */
let session: Database;

beforeAll(async () => {
  own = await testDatabase();
  session = connectTo(own.direct, { poolSize: 1 });
  await makeRanges(session);
});
afterAll(async () => {
  await session.close();
  await own.drop();
});

/** What is asked for every slice, and for every webhook. */
async function askAll(): Promise<void> {
  const one = claim();
  await transaction(session, { keepPlans: true }, async (tx) => {
    await findIdentities(tx, fence, [one]);
    await findOpenLanes(tx, fence, ['key']);
    return commit(undefined);
  });
  await lookUpIdentities(session, [one], TIMEOUT_MS);
}

/** Rows of the claims that were read without an index, by anybody. */
async function readWhole(): Promise<number> {
  // What this session has counted is to be seen when it has been idle.
  await session.query('select pg_stat_force_next_flush()');
  const { rows } = await session.query<{ rows: number }>(
    `select sum(seq_tup_read)::integer as rows from pg_stat_user_tables where relname like 'processed_deliveries%'`,
  );
  return Number(rows[0]?.rows);
}

describe('plans that are kept', () => {
  it('are made once, and right for a table that was empty then', async () => {
    // What is known to be empty is read whole by a plan that may.
    await session.query('vacuum analyze hookline.processed_deliveries');
    await askAll();
    for (let n = 0; n < 10; n++)
      await claimIdentities(
        session,
        Array.from({ length: 500 }, () => claim()),
      );
    const before = await readWhole();
    for (let n = 0; n < 10; n++) await askAll();
    expect((await readWhole()) - before).toBe(0);

    const { rows } = await session.query(
      `select sum(custom_plans)::integer as anew, min(generic_plans)::integer as kept
         from pg_prepared_statements
        where name like 'hookline%' and statement not like '%insert into%'`,
    );
    expect(rows).toEqual([{ anew: 0, kept: 11 }]);
  });
});
