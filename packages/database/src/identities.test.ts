import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { claimIdentities, type Claim } from './claim-identities.ts';
import { findIdentities, identityKey, type ArrivingIdentity, type KnownIdentity } from './find-identities.ts';
import { holdDeliveries } from './held/hold-deliveries.ts';
import { settleHeld } from './held/settle-held.ts';
import type { LoggedDelivery } from './logged-delivery.ts';
import { makeRanges } from './make-ranges.ts';
import { claim, logged, sha256 } from './testing/deliveries.ts';
import { explain } from './testing/explain.ts';
import { ownDatabase } from './testing/own-database.ts';
import { fenceOf } from './testing/partitions.ts';
import { commit, transaction } from './transaction.ts';

const database = ownDatabase();
let ranges: string[];

beforeAll(async () => {
  ranges = (await makeRanges(database)).filter((name) => name.startsWith('processed_deliveries'));
});
beforeEach(async () => {
  await database.query('truncate hookline.processed_deliveries, hookline.held_deliveries');
});

const fence = fenceOf(1n);

function hold(record: LoggedDelivery): Promise<void> {
  const known = { guid: claim().guid, event: 'issues' };
  return holdDeliveries(database, fence, [{ ...record, reason: 'suspected-replay', known }]);
}

/** Moves all claims by a week, into the next range: as if they had been made then. */
async function moveToNextRange(): Promise<void> {
  await database.query(`update hookline.processed_deliveries set claimed_at = claimed_at + interval '7 days'`);
}

/** An identity that is only in the claims: nothing more is known of it. */
const claimed = ({ event, incarnation, offset, outcome = 'processed' }: Claim): KnownIdentity => ({
  claim: { outcome, event, place: { incarnation, offset } },
  held: null,
  twin: null,
  reusedGuid: false,
});

const compareTexts = (a: string, b: string) => (a < b ? -1 : 1);
const find = (asked: readonly ArrivingIdentity[]) => findIdentities(database, fence, asked);
const twin = { claim: null, held: null, reusedGuid: false };

describe('identities', () => {
  it('are found by their index once they are claimed, and only they, with how they ended', async () => {
    const [known, dead, unknown] = [
      claim({ event: 'push', offset: 9_007_199_254_740_993n, incarnation: 4 }),
      claim({ outcome: 'dead' }),
      claim(),
    ];
    const discarded = claim({ outcome: 'discarded', offset: 8n });
    await claimIdentities(database, [known, dead, discarded]);
    expect(await find([unknown, discarded, known, dead])).toEqual(
      new Map([discarded, known, dead].map((one, i) => [i + 1, claimed(one)])),
    );
    expect(await find([unknown])).toEqual(new Map());
  });

  it('are scope, GUID and digest: where any of them differs, it is another delivery', async () => {
    const known = claim();
    await claimIdentities(database, [known]);
    const others: ArrivingIdentity[] = [
      { ...known, dedupScope: 'another' },
      { ...known, guid: claim().guid },
      { ...known, digest: sha256('another body') },
    ];
    const found = await find(others);
    expect([...found.values()].map((one) => one.claim)).toEqual([null, null]);
    expect(found.has(0)).toBe(false);
    await claimIdentities(
      database,
      others.map((other) => ({ ...known, ...other })),
    );
    const all = await find([known, ...others]);
    expect([...all.values()]).toEqual([known, known, known, known].map(claimed));
  });

  // GUIDs and event headers are not signed. A known digest is told before a known GUID: who replays can choose the GUID.
  it('are told of the same payload under another GUID, and of the same GUID with another payload', async () => {
    const [one, other] = [claim({ event: 'push' }), claim()];
    await claimIdentities(database, [one, other]);
    const twinOfOne = { ...one, guid: claim().guid, event: 'issues' };
    expect(await find([twinOfOne])).toEqual(new Map([[0, { ...twin, twin: { guid: one.guid, event: 'push' } }]]));
    const reused = { ...one, digest: sha256('forged') };
    expect(await find([reused])).toEqual(new Map([[0, { ...twin, twin: null, reusedGuid: true }]]));
    const both = { ...one, digest: other.digest };
    expect((await find([both])).get(0)).toMatchObject({ twin: { guid: other.guid }, reusedGuid: true });
    const elsewhere = [twinOfOne, reused].map((asked) => ({ ...asked, dedupScope: 'another' }));
    expect(await find(elsewhere)).toEqual(new Map());
  });

  // A payload that can repeat runs where it is known under its event: what was forged of it, and released, is no reason
  // to hold each repetition.
  it('are told of the same payload under the same event before another, be it claimed or held', async () => {
    const guids = Array.from({ length: 4 }, () => randomUUID()).toSorted(compareTexts);
    const [first, second, third, asking] = guids as [string, string, string, string];
    const one = claim({ event: 'push' });
    const asked = { ...one, guid: asking };
    const twinOf = async () => (await find([asked])).get(0)?.twin;
    await claimIdentities(database, [{ ...one, guid: first, event: 'issues' }]);
    expect(await twinOf()).toEqual({ guid: first, event: 'issues' });
    await hold(logged('a', {}, { guid: second, digest: one.digest, event: 'watch' }));
    await hold(logged('a', {}, { guid: third, digest: one.digest, event: 'push' }));
    expect(await twinOf()).toEqual({ guid: third, event: 'push' });
    await database.query('truncate hookline.held_deliveries');
    await claimIdentities(database, [{ ...one, guid: second }]);
    expect(await twinOf()).toEqual({ guid: second, event: 'push' });
  });

  it('that are claimed themselves have no twin and no reused GUID: their claim decides', async () => {
    const one = claim();
    await claimIdentities(database, [one, { ...one, guid: claim().guid }, { ...one, digest: sha256('x') }]);
    expect(await find([one])).toEqual(new Map([[0, claimed(one)]]));
  });

  it('have a place only in this partition of this topic: elsewhere no offset can be compared with ours', async () => {
    const elsewhere = [claim({ partition: 7, offset: 5n }), claim({ topic: 'github.deliveries.g2' })];
    await claimIdentities(database, elsewhere);
    const found = await find(elsewhere);
    expect([...found.values()].map((one) => one.claim?.place)).toEqual([null, null]);
  });

  it('are told of what is held: under this event, and of the same payload under another GUID', async () => {
    const record = logged('a', { offset: 4n });
    const { delivery } = record;
    await hold(record);
    const held = { guid: delivery.guid, seen: { incarnation: 1, offset: 4n } };
    expect(await find([delivery])).toEqual(new Map([[0, { ...twin, held, twin: null }]]));
    const byOther = { ...delivery, guid: claim().guid };
    const twinOfHeld = { guid: delivery.guid, event: 'issues' };
    expect(await find([byOther])).toEqual(new Map([[0, { ...twin, held, twin: twinOfHeld }]]));
    expect(await find([{ ...byOther, event: 'push' }])).toEqual(
      new Map([[0, { ...twin, held: null, twin: twinOfHeld }]]),
    );
    expect(await find([{ ...delivery, event: 'push' }])).toEqual(new Map());
    expect(await find([{ ...delivery, dedupScope: 'another' }])).toEqual(new Map());
    for (const other of [{ partition: 7 }, { topic: 't' }, { consumerGroup: 'g' }]) {
      expect(await findIdentities(database, { ...fence, ...other }, [byOther])).toEqual(new Map());
    }
  });

  it('that were held and decided are told with the last place that was counted', async () => {
    const record = logged('a', { offset: 4n });
    await hold(record);
    await settleHeld(database, fence, record.delivery, 'discarded');
    const known = (await find([record.delivery])).get(0);
    expect(known?.held).toEqual({ guid: record.delivery.guid, seen: { incarnation: 1, offset: 4n } });
  });

  it('are found over all ranges: a redelivery comes days after the week of its first arrival', async () => {
    const [lastWeek, thisWeek] = [claim(), claim()];
    await claimIdentities(database, [lastWeek]);
    await moveToNextRange();
    await claimIdentities(database, [thisWeek]);
    const { rows } = await database.query('select distinct tableoid from hookline.processed_deliveries');
    expect(rows.length).toBe(2);
    const asked = [lastWeek, thisWeek, { ...lastWeek, guid: claim().guid }];
    const found = await find(asked);
    expect([...found.keys()].toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
    expect(found.get(2)?.twin).toEqual({ guid: lastWeek.guid, event: 'issues' });
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
        outcome: 'processed',
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
    expect(await findIdentities(none, fence, [])).toEqual(new Map());
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
  const analyze = () => database.query('analyze hookline.processed_deliveries, hookline.held_deliveries');
  const fill = async () => {
    await database.query(
      `insert into hookline.processed_deliveries
              (guid, digest, dedup_scope, event, topic, kafka_partition, kafka_offset, claimed_at)
       select gen_random_uuid(), sha256(n::text::bytea), 'main', 'issues', 'github.deliveries', 0, n,
              now() + n % 3 * interval '7 days'
         from generate_series(1, 20000) as n`,
    );
    await database.query(
      `insert into hookline.held_deliveries
              (consumer_group, topic, kafka_partition, dedup_scope, digest, event, reason, known_guid, known_event,
               incarnation, kafka_offset, appended_at, seen_incarnation, seen_offset, ordering_key, source, guid,
               received_at, headers, secret_label)
       select $1, $2, $3, 'main', sha256(n::text::bytea), 'issues', 'suspected-replay', gen_random_uuid(), 'issues', 1,
              n, now(), 1, n, 'a', 'main', gen_random_uuid(), now(), '{}', 'current'
         from generate_series(1, 5000) as n`,
      [fence.consumerGroup, fence.topic, fence.partition],
    );
  };
  // By what is looked up in the index, and nothing else of what is read there; and how often a plan has it for each range.
  const probes = {
    identity: { cond: /^(?=.*guid = )(?=.*digest = )(?=.*dedup_scope = )/, times: 1 },
    payload: { cond: /^(?!.*guid = )(?=.*digest = )(?=.*dedup_scope = )/, times: 3 },
    guid: { cond: /^(?!.*digest = )(?=.*guid = )(?=.*dedup_scope = )/, times: 2 },
  };
  /** Of what is new: whether anything is known of its payload, or of its GUID. */
  const forNew = [probes.payload, probes.guid];

  it.each([
    ['no statistics', [fill]],
    ['statistics of empty ranges', [analyze, fill]],
    ['true statistics', [fill, analyze]],
  ])('is one probe of an index per range and question, with %s', async (_statistics, steps) => {
    for (const step of steps) await step();
    const asked = Array.from({ length: 500 }, () => claim());
    const plan = await explain(database, (tx) => findIdentities(tx, fence, asked));
    const scans = plan.filter((node) => node['Relation Name']?.startsWith('processed_deliveries'));
    const rangesOf = (some: typeof scans, cond: RegExp) =>
      some.filter((scan) => cond.test(scan['Index Cond'] ?? '')).map((scan) => String(scan['Relation Name']));
    const made = scans.filter((scan) => Number(scan['Actual Loops']) > 0);
    expect(made.length).toBe(forNew.length * ranges.length);
    for (const { cond } of forNew) expect(rangesOf(made, cond).toSorted()).toEqual(ranges.toSorted());
    for (const { cond, times } of Object.values(probes)) {
      const each = Map.groupBy(rangesOf(scans, cond), (range) => range);
      expect([...each.keys()].toSorted()).toEqual(ranges.toSorted());
      expect([...each.values()].map((some) => some.length)).toEqual(ranges.map(() => times));
    }
    const held = plan.filter((node) => node['Relation Name'] === 'held_deliveries');
    expect([held.length, held.filter((scan) => Number(scan['Actual Loops']) > 0).length]).toEqual([3, 1]);
    for (const scan of [...scans, ...held]) {
      expect(scan['Node Type']).toMatch(/^Index (Only )?Scan$/);
      expect(scan['Index Cond']).toMatch(/dedup_scope/);
    }
    for (const scan of made) expect(scan['Actual Loops']).toBe(asked.length);
    for (const scan of held) expect(scan['Index Cond']).toMatch(/digest/);
  });
});
