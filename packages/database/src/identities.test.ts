import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hookline/local-stack';
import { connectTo } from '@hookline/test-support';
import fc from 'fast-check';
import { claimIdentities, type Claim } from './claim-identities.ts';
import type { Database } from './database.ts';
import { findIdentities, identityKey, type Identity } from './find-identities.ts';
import { makeRanges } from './make-ranges.ts';
import { claim, sha256 } from './testing/deliveries.ts';
import { commit, transaction } from './transaction.ts';

let own: TestDatabase;
let database: Database;
let ranges: string[];

beforeAll(async () => {
  own = await testDatabase();
  database = connectTo(own.url);
  ranges = (await makeRanges(database)).filter((name) => name.startsWith('processed_deliveries'));
});
beforeEach(async () => {
  await database.query('truncate hookline.processed_deliveries');
});
afterAll(async () => {
  await database.close();
  await own.drop();
});

/** Moves all claims by a week, into the next range: as if they had been made then. */
async function moveToNextRange(): Promise<void> {
  await database.query(`update hookline.processed_deliveries set claimed_at = claimed_at + interval '7 days'`);
}

describe('identities', () => {
  it('are found once they are claimed, and only they', async () => {
    const [known, unknown] = [claim(), claim()];
    await claimIdentities(database, [known]);
    expect(await findIdentities(database, [unknown, known])).toEqual(new Set([identityKey(known)]));
  });

  it('are scope, GUID and digest: where any of them differs, it is another delivery', async () => {
    const known = claim();
    await claimIdentities(database, [known]);
    const others: Identity[] = [
      { ...known, dedupScope: 'another' },
      { ...known, guid: claim().guid },
      { ...known, digest: sha256('another body') },
    ];
    expect(await findIdentities(database, others)).toEqual(new Set());
    await claimIdentities(
      database,
      others.map((other) => ({ ...known, ...other })),
    );
    expect(await findIdentities(database, [known, ...others])).toEqual(new Set([known, ...others].map(identityKey)));
  });

  it('are found over all ranges: a redelivery comes days after the week of its first arrival', async () => {
    const [lastWeek, thisWeek] = [claim(), claim()];
    await claimIdentities(database, [lastWeek]);
    await moveToNextRange();
    await claimIdentities(database, [thisWeek]);
    const { rows } = await database.query('select distinct tableoid from hookline.processed_deliveries');
    expect(rows.length).toBe(2);
    expect((await findIdentities(database, [lastWeek, thisWeek])).size).toBe(2);
  });

  it('are claimed with their place in the log, at the time of their transaction', async () => {
    const place = claim({
      offset: 9_007_199_254_740_993n,
      partition: 7,
      incarnation: 2,
      topic: 'github.deliveries.g2',
      event: 'push',
    });
    const now = await transaction(database, {}, async (tx) => {
      await claimIdentities(tx, [place]);
      return commit((await tx.query<{ now: Date }>('select now()')).rows[0]?.now);
    });
    const { rows } = await database.query('select * from hookline.processed_deliveries');
    expect(rows).toEqual([
      {
        guid: place.guid,
        digest: place.digest,
        dedup_scope: 'main',
        event: 'push',
        topic: 'github.deliveries.g2',
        kafka_partition: 7,
        incarnation: 2,
        kafka_offset: '9007199254740993',
        claimed_at: now,
      },
    ]);
  });

  it('that are claimed twice are an error and never passed over: by then two runs of one delivery would commit', async () => {
    const known = claim();
    await claimIdentities(database, [known]);
    await expect(claimIdentities(database, [claim(), known])).rejects.toMatchObject({ code: '23505' });
    const twice = claim();
    await expect(claimIdentities(database, [twice, { ...twice, offset: 9n }])).rejects.toMatchObject({ code: '23505' });
    const { rows } = await database.query('select guid from hookline.processed_deliveries');
    expect(rows).toEqual([{ guid: known.guid }]);
  });

  it('need no statement when there are none', async () => {
    const statements: string[] = [];
    const none = {
      query: (text: string) => {
        statements.push(text);
        return Promise.reject(new Error('no statement is needed'));
      },
    };
    expect(await findIdentities(none, [])).toEqual(new Set());
    await claimIdentities(none, []);
    expect(statements).toEqual([]);
  });

  it('with a digest that is not a SHA-256 are refused: it would never meet its duplicate', async () => {
    await expect(claimIdentities(database, [claim({ digest: Buffer.alloc(20) })])).rejects.toMatchObject({
      code: '23514',
    });
  });
});

describe('the key of an identity', () => {
  it('is equal exactly for equal identities', () => {
    const identity = fc.record({
      dedupScope: fc.string(),
      guid: fc.uuid(),
      digest: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(identity, identity, fc.boolean(), fc.boolean(), (one, other, sameGuid, sameDigest) => {
        const near = { ...other, ...(sameGuid && { guid: one.guid }), ...(sameDigest && { digest: one.digest }) };
        const equal = near.guid === one.guid && near.digest.equals(one.digest) && near.dedupScope === one.dedupScope;
        expect(identityKey(near) === identityKey(one)).toBe(equal);
        expect(identityKey({ ...one })).toBe(identityKey(one));
      }),
    );
  });
});

describe('the look-up in ranges with many rows', () => {
  const analyze = () => database.query('analyze hookline.processed_deliveries');
  const fill = () =>
    database.query(
      `insert into hookline.processed_deliveries
              (guid, digest, dedup_scope, event, topic, kafka_partition, kafka_offset, claimed_at)
       select gen_random_uuid(), sha256(n::text::bytea), 'main', 'issues', 'github.deliveries', 0, n,
              now() + n % 3 * interval '7 days'
         from generate_series(1, 20000) as n`,
    );

  it.each([
    ['no statistics', [fill]],
    ['statistics of empty ranges', [analyze, fill]],
    ['true statistics', [fill, analyze]],
  ])('is one probe of an index per range, with %s', async (_statistics, steps) => {
    for (const step of steps) await step();
    const asked = Array.from({ length: 500 }, () => claim());
    const plan = await explainLookUp(asked);
    const scans = nodes(plan).filter((node) => node['Relation Name']?.startsWith('processed_deliveries'));
    expect(new Set(scans.map((scan) => scan['Relation Name']))).toEqual(new Set(ranges));
    expect(scans.length).toBe(ranges.length);
    for (const scan of scans) {
      expect(scan['Node Type']).toMatch(/^Index (Only )?Scan$/);
      // All three parts are looked up in the index; none filters rows that were read for nothing.
      expect(scan['Index Cond']).toMatch(/guid.*digest.*dedup_scope/);
      expect(scan['Actual Loops']).toBe(asked.length);
    }
  });
});

type PlanNode = Record<string, unknown> & { 'Relation Name'?: string; Plans?: PlanNode[] };

function nodes(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)];
}

/** The plan of the very statement that `findIdentities` sends. */
async function explainLookUp(asked: Claim[]): Promise<PlanNode> {
  const plans: PlanNode[] = [];
  const explaining = {
    async query(text: string, values?: readonly unknown[]) {
      const { rows } = await database.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `explain (analyze, format json) ${text}`,
        values,
      );
      plans.push((rows[0] as { 'QUERY PLAN': [{ Plan: PlanNode }] })['QUERY PLAN'][0].Plan);
      return { rows: [], rowCount: 0, command: 'EXPLAIN' };
    },
  };
  await findIdentities(explaining, asked);
  return plans[0] as PlanNode;
}
