import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { claimIdentities, type Claim } from '../claim-identities.ts';
import type { LoggedDelivery } from '../logged-delivery.ts';
import { makeRanges } from '../make-ranges.ts';
import { at, deadIn, fence, OTHERS } from '../testing/dead-again.ts';
import { logged } from '../testing/deliveries.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { readDeadPlaces } from './read-dead-places.ts';
import { renewClaims } from './renew-claims.ts';
import { settleLetters } from './settle-letters.ts';

const database = ownDatabase();
const { clear, die } = deadIn(database);

beforeAll(async () => {
  await makeRanges(database);
});

beforeEach(async () => {
  await clear();
  await database.query('truncate hookline.processed_deliveries');
});

describe('a decision about what was discarded', () => {
  const dead = (offset: bigint) => ({ ...at(offset), state: 'dead' as const });
  const discarded = (offset: bigint) => ({ ...at(offset), state: 'discarded' as const });
  const claim = ({ offset, delivery }: LoggedDelivery, given: Partial<Claim> = {}) => {
    const { topic, partition } = fence;
    return claimIdentities(database, [
      { ...delivery, topic, partition, ...at(offset), outcome: 'dead', ...given } satisfies Claim,
    ]);
  };

  it('sees what of it is discarded where that was decided on, each place by its own state', async () => {
    const one = await die(logged('a', { offset: 1n }), ['welcome', 'count', 'sync']);
    await die(logged('a', { offset: 2n }), ['welcome']);
    await claim(one);
    await settleLetters(database, fence, at(1n), ['count', 'sync'], { from: 'dead', to: 'discarded' });
    await database.query(`update hookline.dead_letters set generation = 4 where handler = 'sync'`);
    expect(await readDeadPlaces(database, fence, [discarded(1n), dead(2n), dead(1n), discarded(2n)])).toMatchObject([
      { handlers: ['count', 'sync'], generation: 4, isKnown: true },
      { handlers: ['welcome'], generation: 1 },
      { handlers: ['welcome'], generation: 1 },
      { handlers: [], generation: 0 },
    ]);
  });

  // The claim of what is settled goes with its range: a redelivery runs every handler, and a redrive would run one twice.
  it.each<[boolean, string, (one: LoggedDelivery) => Promise<unknown>]>([
    [true, 'is claimed as dead', (one) => claim(one)],
    [
      true,
      'is claimed under another event, by which it was held',
      (one) => claim(one, { event: 'push', outcome: 'processed' }),
    ],
    [false, 'is claimed by nothing any more', () => claim(logged('a', { offset: 1n }))],
    [false, 'was processed anew', (one) => claim(one, { ...at(9n), outcome: 'processed' })],
    [
      false,
      'has died anew',
      async (one) => {
        await claim(one, at(9n));
        await die({ ...one, offset: 9n }, ['welcome']);
      },
    ],
  ])('sees whether what was discarded is known still: %s, it %s', async (isKnown, _, given) => {
    const one = await die(logged('a', { offset: 1n }), ['welcome']);
    for (const on of OTHERS) await die({ ...one, offset: 99n }, ['welcome'], { on });
    await settleLetters(database, fence, at(1n), null, { from: 'dead', to: 'discarded' });
    await given(one);
    expect(await readDeadPlaces(database, fence, [discarded(1n)])).toMatchObject([{ handlers: ['welcome'], isKnown }]);
  });

  it('that opens it again has it claimed as of now, once, by the place that it was claimed with', async () => {
    const one = await die(logged('a', { offset: 1n }), ['welcome']);
    const another = await die(logged('a', { offset: 2n }), ['welcome']);
    await die(logged('a', { offset: 3n }), ['welcome']);
    await claim(one);
    await database.query(
      `insert into hookline.processed_deliveries
              (guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset, outcome, claimed_at)
       select guid, digest, dedup_scope, event, topic, kafka_partition, incarnation, kafka_offset, outcome,
              claimed_at + interval '7 days'
         from hookline.processed_deliveries`,
    );
    await database.query(`delete from hookline.processed_deliveries where claimed_at < now() + interval '1 day'`);
    await claim(another);
    for (const _ of [1, 2]) await renewClaims(database, fence, [at(1n), at(2n), at(3n)]);
    for (const other of OTHERS) await renewClaims(database, other, [at(1n)]);
    const { rows } = await database.query(
      `select kafka_offset::integer as at, outcome, event, count(*)::integer as times,
              min(claimed_at) < now() + interval '1 day' as is_new
         from hookline.processed_deliveries group by 1, 2, 3 order by 1`,
    );
    expect(rows).toEqual([
      { at: 1, outcome: 'dead', event: 'issues', times: 2, is_new: true },
      { at: 2, outcome: 'dead', event: 'issues', times: 1, is_new: true },
    ]);
    const none = { query: () => Promise.reject(new Error('no statement is needed')) };
    await expect(renewClaims(none, fence, [])).resolves.toBeUndefined();
  });
});
