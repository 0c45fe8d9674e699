import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig, retentionOptions } from '@hookline/runtime';
import fc from 'fast-check';
import type { Queryable } from '../database.ts';
import { lockPartition } from '../lock-partition.ts';
import { giveDead } from '../testing/dead.ts';
import { sha256 } from '../testing/deliveries.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { fenceOf, givePartition, PLACE } from '../testing/partitions.ts';
import { attachedRanges, givePastRange, WEEK_MS, weekOf } from '../testing/past-ranges.ts';
import { commit, transaction } from '../transaction.ts';
import { readClock } from './read-clock.ts';
import { runRetention } from './run-retention.ts';

const DAY_MS = WEEK_MS / 7;
const HORIZON_MS = 14 * DAY_MS;
const WEEKS = 12;

const read = readConfig(retentionOptions, {});
if (!read.success) throw new Error(read.errors.join('\n'));
const keep = read.config;

const database = ownDatabase({ poolSize: 8 });
let begin: number;

beforeAll(async () => {
  begin = weekOf(await readClock(database)) - WEEKS * WEEK_MS;
  await givePartition(database, fenceOf(1n));
});

/** Every range of the time that the property plays in, empty. */
async function beginAgain(): Promise<void> {
  await database.query('truncate hookline.dead_letters, hookline.dead_deliveries');
  for (const table of ['processed_deliveries', 'audit_log'] as const) {
    for (const name of await attachedRanges(database, table)) await database.query(`drop table hookline.${name}`);
  }
  for (let week = 0; week < WEEKS + 3; week++) {
    await givePastRange(database, 'processed_deliveries', begin + week * WEEK_MS);
  }
}

interface Claimed {
  guid: string;
  digest: Buffer;
  at: number;
  /** Dead, with an open letter. */
  dead: boolean;
}

async function isClaimed(on: Queryable, { guid, digest }: Pick<Claimed, 'guid' | 'digest'>): Promise<number> {
  const { rows } = await on.query<{ n: string }>(
    'select count(*) as n from hookline.processed_deliveries where guid = $1 and digest = $2',
    [guid, digest],
  );
  return Number(rows[0]?.n);
}

/** What a slice does with a delivery, at a time of the stepped clock: under the fence, look, and claim what is unknown. */
function arrive(delivery: Claimed, at: number): Promise<'processed' | 'duplicate'> {
  return transaction(database, { lockTimeoutMs: 10_000 }, async (tx) => {
    await lockPartition(tx, PLACE);
    if ((await isClaimed(tx, delivery)) > 0) return commit('duplicate' as const);
    await tx.query(
      `insert into hookline.processed_deliveries
              (guid, digest, dedup_scope, event, topic, kafka_partition, kafka_offset, outcome, claimed_at)
       values ($1, $2, 'main', 'issues', $3, $4, 0, $5, $6)`,
      [
        delivery.guid,
        delivery.digest,
        PLACE.topic,
        PLACE.partition,
        delivery.dead ? 'dead' : 'processed',
        new Date(at),
      ],
    );
    return commit('processed' as const);
  });
}

const step = fc.record({
  /** The clock goes forward, or back a little, as it does when it is set. */
  days: fc.oneof(fc.double({ min: 0, max: 9, noNaN: true }), fc.double({ min: -1, max: 0, noNaN: true })),
  fresh: fc.array(fc.boolean(), { maxLength: 3 }),
  again: fc.array(fc.nat(), { maxLength: 4 }),
});

describe('the horizon', () => {
  // The promise of the inbox: whatever the clock does, and whatever runs beside a removal, a delivery that arrives again
  // inside the horizon is a duplicate; beyond it, it is a duplicate or runs once; and what is dead is known until it is
  // decided.
  it('is a floor, whatever the clock does and whatever arrives while ranges are dropped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
        await beginAgain();
        const known: Claimed[] = [];
        let clock = begin + DAY_MS * 1.5;
        let offset = 0n;
        for (const { days, fresh, again } of steps) {
          clock = Math.min(Math.max(begin, clock + days * DAY_MS), begin + WEEKS * WEEK_MS);
          const at = clock;
          const retention = runRetention(database, {
            keep: { ...keep, horizonMs: HORIZON_MS },
            dryRun: false,
            waitMs: 30_000,
            batch: 2,
            at: new Date(at),
            progress: () => {},
          });
          const redelivered = again.flatMap((n) => (known.length > 0 ? [known[n % known.length] as Claimed] : []));
          const slices = Promise.all([
            ...fresh.map(async (dead) => {
              const guid = randomUUID();
              const delivery = { guid, digest: sha256(guid), at, dead };
              if (dead) await giveDead(database, { offset: offset++, guid, letters: [{ state: 'dead' }] });
              expect(await arrive(delivery, at)).toBe('processed');
              known.push(delivery);
            }),
            ...redelivered.map(async (delivery) => {
              const inside = delivery.at > at - HORIZON_MS || delivery.dead;
              const became = await arrive(delivery, at);
              if (inside) expect(became).toBe('duplicate');
              else if (became === 'processed') delivery.at = at;
            }),
          ]);
          await slices;
          expect(await retention).toMatchObject({ success: true, busy: [] });
          for (const delivery of known) {
            const claims = await isClaimed(database, delivery);
            if (delivery.at > at - HORIZON_MS || delivery.dead) expect([delivery, claims]).toEqual([delivery, 1]);
            expect(claims).toBeLessThanOrEqual(1);
          }
        }
      }),
      { numRuns: 12 },
    );
  }, 180_000);
});
