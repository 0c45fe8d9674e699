import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LoggedDelivery } from '../logged-delivery.ts';
import { at, deadIn, fence, OTHERS, redrive } from '../testing/dead-again.ts';
import { claim, logged } from '../testing/deliveries.ts';
import { explain } from '../testing/explain.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { findDeadIdentities } from './find-dead-identities.ts';
import { runDeadAgain } from './run-dead-again.ts';
import { settleLetters } from './settle-letters.ts';

const database = ownDatabase();
const { clear, die, erase, open } = deadIn(database);

beforeEach(async () => {
  await clear();
});

describe('the dead among identities', () => {
  const find = async (...asked: LoggedDelivery[]) => {
    const identities = asked.map(({ delivery }) => delivery);
    const found = await findDeadIdentities(database, fence, identities);
    return identities.map((_, index) => found.get(index));
  };

  it('are told with the handlers that are dead, and the last place that has done something about them', async () => {
    const [one, none] = [await die(logged('a', { offset: 1n }), ['welcome', 'sync', 'count']), logged('a')];
    expect(await find(none, one)).toEqual([
      undefined,
      { place: at(1n), seen: at(1n), handlers: ['count', 'sync', 'welcome'] },
    ]);
    await open(['a']);
    await runDeadAgain(database, fence, [redrive(1n, 'a', ['sync'], { run: 'reset', seen: at(7n, 3) })]);
    await settleLetters(database, fence, at(1n), ['count'], { from: 'dead', to: 'discarded' });
    expect(await find(one)).toEqual([{ place: at(1n), seen: at(7n, 3), handlers: ['welcome'] }]);
    await settleLetters(database, fence, at(1n), null, { from: 'dead', to: 'redriven' });
    expect(await find(one)).toMatchObject([{ handlers: [] }]);
  });

  // An event header is not signed: a forged one on a captured payload must not take the place of the genuine delivery.
  it('are none whose event could not be that of the payload: no handler has died of it', async () => {
    const one = await die(logged('a', { offset: 1n }), ['welcome']);
    await die({ ...one, offset: 5n }, [null]);
    expect(await find(one)).toMatchObject([{ place: at(1n), handlers: ['welcome'] }]);
    const forged = await die(logged('a', { offset: 6n }), [null]);
    expect(await find(forged)).toEqual([undefined]);
  });

  // One that was held and released runs under its own event: the genuine one must not be asked to run it again.
  it('are those that have died of the event that arrives', async () => {
    const one = await die(logged('a', { offset: 1n }), ['welcome']);
    const other = { ...one, offset: 5n, delivery: { ...one.delivery, event: 'push' } };
    await die(other, ['deploy']);
    expect(await find(one)).toMatchObject([{ place: at(1n), handlers: ['welcome'] }]);
    await settleLetters(database, fence, at(1n), null, { from: 'dead', to: 'discarded' });
    expect(await find(one)).toMatchObject([{ place: at(1n), handlers: [] }]);
    expect(await find({ ...one, delivery: { ...one.delivery, event: 'watch' } })).toEqual([undefined]);
  });

  it('are those of this partition, with this scope, GUID and payload', async () => {
    const one = logged('a', { offset: 1n });
    for (const on of OTHERS) await die(one, ['welcome'], { on });
    await die({ ...one, delivery: { ...one.delivery, dedupScope: 'another' } }, ['welcome']);
    await die({ ...logged('a', { offset: 2n }, { body: one.delivery.body }) }, ['welcome']);
    await die({ ...one, offset: 3n, delivery: { ...one.delivery, digest: claim().digest } }, ['welcome']);
    expect(await find(one)).toEqual([undefined]);
  });

  it('are told as they died last: in the log that was made anew, or after the horizon', async () => {
    const one = await die(logged('a', { offset: 50n }), ['welcome'], { incarnation: 1 });
    await die({ ...one, offset: 4n }, ['sync']);
    await die({ ...one, offset: 8n }, ['count']);
    expect(await find(one)).toEqual([{ place: at(8n), seen: at(8n), handlers: ['count'] }]);
  });

  // A reset of it would fail, and its partition would stop at its redelivery for ever.
  it('that were erased have no handler that could run again', async () => {
    const one = await die(logged('a', { offset: 1n }), ['welcome']);
    await erase(1n);
    expect(await find(one)).toMatchObject([{ handlers: [] }]);
  });

  it.each([
    ['no statistics', ['fill']],
    ['statistics of empty tables', ['analyze', 'fill']],
    ['true statistics', ['fill', 'analyze']],
  ])('are looked up in an index, with many rows and %s', async (_, steps) => {
    for (const step of steps) {
      await (step === 'analyze'
        ? database.query('analyze hookline.dead_deliveries, hookline.dead_letters')
        : fillDead(5000));
    }
    const asked = Array.from({ length: 300 }, () => claim());
    const plan = await explain(database, (tx) => findDeadIdentities(tx, fence, asked));
    const scans = plan.filter((node) => node['Relation Name']?.startsWith('dead_'));
    expect(scans.length).toBeGreaterThanOrEqual(3);
    for (const scan of scans) expect(scan['Node Type']).toMatch(/^(Index (Only )?|Bitmap Heap )Scan$/);
    for (const { 'Index Cond': condition } of plan.filter((node) => node['Index Cond'])) {
      expect(condition).toMatch(/guid|digest|kafka_offset/);
    }
  });
});

function fillDead(rows: number): Promise<unknown> {
  const place = [fence.consumerGroup, fence.topic, fence.partition, rows];
  return database.query(
    `with dead as (
       insert into hookline.dead_deliveries
              (consumer_group, topic, kafka_partition, incarnation, kafka_offset, appended_at, ordering_key, source,
               dedup_scope, guid, digest, event, received_at, headers, secret_label)
       select $1, $2, $3::integer, 1, n, now(), 'a', 'main', 'main', gen_random_uuid(), sha256(n::text::bytea), 'issues',
              now(), '{}', 'current'
         from generate_series(1, $4) as n
     )
     insert into hookline.dead_letters
            (consumer_group, topic, kafka_partition, incarnation, kafka_offset, handler, reason, attempts,
             error_fingerprint, error_message)
     select $1, $2, $3::integer, 1, n, 'welcome', 'handler-failed', 1, 'f', 'm' from generate_series(1, $4) as n`,
    place,
  );
}
