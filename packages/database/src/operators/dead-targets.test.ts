import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PartitionPlace } from '../fence.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { PLACE } from '../testing/partitions.ts';
import { at, deliveryColumns, OTHERS, putRow } from '../testing/rows.ts';
import type { DeadTargetFilter } from './dead-target-filter.ts';
import { planDeadTargets } from './plan-dead-targets.ts';
import { readDeadTargets, type DeadTarget } from './read-dead-targets.ts';

const database = ownDatabase();

beforeEach(async () => {
  await database.query('truncate hookline.dead_letters, hookline.dead_deliveries');
});

const ANY: DeadTargetFilter = {
  state: 'dead',
  ids: null,
  fingerprint: null,
  orderingKey: null,
  handler: null,
  until: null,
};

interface Dead {
  offset: bigint;
  incarnation?: number;
  key?: string | null;
  /** Handler and fingerprint of each letter. */
  letters: [handler: string | null, fingerprint: string][];
}

async function die(on: PartitionPlace, ...dead: Dead[]): Promise<void> {
  for (const { offset, incarnation = 1, key = 'a', letters } of dead) {
    const place = { incarnation, kafka_offset: offset };
    const of = key === null ? { appended_at: new Date() } : { ...deliveryColumns(), ordering_key: key };
    await putRow(database, 'dead_deliveries', on, { ...of, ...place });
    for (const [handler, fingerprint] of letters) {
      await putRow(database, 'dead_letters', on, {
        ...place,
        handler,
        reason: handler === null ? 'undecodable' : 'handler-failed',
        attempts: 3,
        error_fingerprint: fingerprint,
        error_message: `no ${fingerprint}`,
      });
    }
  }
}

const settle = (state: string, offset: bigint, handler: string) =>
  database.query(`update hookline.dead_letters set state = $1 where kafka_offset = $2 and handler = $3`, [
    state,
    offset,
    handler,
  ]);

describe('the dead letters that a decision is about', () => {
  const targets = (filter: Partial<DeadTargetFilter> = {}, limit = 100) =>
    readDeadTargets(database, { ...PLACE, incarnation: 1 }, { ...ANY, ...filter }, { after: null, limit });
  const offsets = async (filter: Partial<DeadTargetFilter>) => (await targets(filter)).map(({ offset }) => offset);

  it('are the deliveries of a log in order, each with its dead handlers', async () => {
    await die(
      PLACE,
      { offset: 3n, incarnation: 2, letters: [['welcome', 'f1']] },
      {
        offset: 9n,
        letters: [
          ['welcome', 'f1'],
          ['sync', 'f2'],
        ],
      },
      { offset: 10n, key: null, letters: [[null, 'f3']] },
      { offset: 4n, key: 'b', letters: [['welcome', 'f1']] },
    );
    for (const other of [...OTHERS, at({ partition: 5 })]) await die(other, { offset: 1n, letters: [['w', 'f']] });
    expect(await targets()).toEqual([
      { offset: 4n, orderingKey: 'b', handlers: ['welcome'], generation: 1 },
      { offset: 9n, orderingKey: 'a', handlers: ['sync', 'welcome'], generation: 1 },
      { offset: 10n, orderingKey: null, handlers: [], generation: 1 },
    ]);
  });

  it('come page by page, each delivery once', async () => {
    await die(
      PLACE,
      ...Array.from({ length: 7 }, (_, i) => ({
        offset: BigInt(i),
        letters: [
          ['welcome', 'f1'],
          ['sync', 'f1'],
        ] as Dead['letters'],
      })),
    );
    const found: DeadTarget[] = [];
    for (let after: bigint | null = null; ; after = found.at(-1)!.offset) {
      const page: DeadTarget[] = await readDeadTargets(database, { ...PLACE, incarnation: 1 }, ANY, {
        after,
        limit: 3,
      });
      if (page.length === 0) break;
      found.push(...page);
    }
    expect(found.map(({ offset }) => offset)).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n]);
  });

  it('are dead still: what waits, was redriven or discarded is not among them', async () => {
    const both: Dead['letters'] = [
      ['welcome', 'f1'],
      ['sync', 'f1'],
    ];
    await die(PLACE, ...[1n, 2n, 3n, 4n].map((offset) => ({ offset, letters: both })));
    await settle('waiting', 1n, 'welcome');
    await settle('redriven', 2n, 'welcome');
    await settle('discarded', 2n, 'sync');
    await database.query(`update hookline.dead_letters set generation = 3 where kafka_offset = 3 and handler = 'sync'`);
    await database.query(
      `update hookline.dead_letters set generation = 5 where kafka_offset = 1 and handler = 'welcome'`,
    );
    expect(await targets()).toMatchObject([
      { offset: 1n, handlers: ['sync'], generation: 1 },
      { offset: 3n, handlers: ['sync', 'welcome'], generation: 3 },
      { offset: 4n, handlers: ['sync', 'welcome'] },
    ]);
    // The state that is decided on is that of the delivery: another handler's run changes it, too.
    expect(await targets({ handler: 'welcome' })).toMatchObject([
      { offset: 3n, handlers: ['welcome'], generation: 3 },
      { offset: 4n, generation: 1 },
    ]);
  });

  it('are discarded where that is asked for, with the generation that the discarded ones have', async () => {
    const both: Dead['letters'] = [
      ['welcome', 'f1'],
      ['sync', 'f1'],
    ];
    await die(PLACE, ...[1n, 2n, 3n].map((offset) => ({ offset, letters: both })));
    await settle('discarded', 1n, 'welcome');
    await settle('discarded', 2n, 'welcome');
    await settle('discarded', 2n, 'sync');
    await database.query(
      `update hookline.dead_letters set settled_at = case when kafka_offset = 1 then now() else now() + interval '1 hour' end
        where state = 'discarded'`,
    );
    await database.query(`update hookline.dead_letters set generation = 3 where kafka_offset = 2 and handler = 'sync'`);
    await database.query(`update hookline.dead_letters set generation = 9 where kafka_offset = 1 and handler = 'sync'`);
    expect(await targets({ state: 'discarded' })).toEqual([
      { offset: 1n, orderingKey: 'a', handlers: ['welcome'], generation: 1 },
      { offset: 2n, orderingKey: 'a', handlers: ['sync', 'welcome'], generation: 3 },
    ]);
    const soon = new Date(Date.now() + 60_000);
    expect(await offsets({ state: 'discarded', until: soon })).toEqual([1n]);
    const plan = await planDeadTargets(database, PLACE, { ...ANY, state: 'discarded' }, 2);
    expect(plan).toMatchObject({ letters: 3, deliveries: 2, keys: 1 });
  });

  it('are of an id, an error, a key, a handler, a time, or of several of these at once', async () => {
    await die(
      PLACE,
      { offset: 1n, key: 'a', letters: [['welcome', 'f1']] },
      { offset: 2n, key: 'a', letters: [['sync', 'f1']] },
      { offset: 3n, key: 'b', letters: [['welcome', 'f2']] },
    );
    const { rows } = await database.query<{ id: string }>(
      'select dead_letter_id as id from hookline.dead_letters where kafka_offset in (1, 3)',
    );
    expect(await offsets({ ids: rows.map(({ id }) => BigInt(id)) })).toEqual([1n, 3n]);
    expect(await offsets({ ids: [] })).toEqual([]);
    expect(await offsets({ fingerprint: 'f1' })).toEqual([1n, 2n]);
    expect(await offsets({ orderingKey: 'b' })).toEqual([3n]);
    expect(await offsets({ handler: 'welcome' })).toEqual([1n, 3n]);
    expect(await offsets({ fingerprint: 'f1', handler: 'welcome' })).toEqual([1n]);
    await database.query(`update hookline.dead_letters set dead_at = now() + interval '1 hour' where kafka_offset = 2`);
    expect(await offsets({ until: new Date() })).toEqual([1n, 3n]);
    const at = new Date();
    await database.query(`update hookline.dead_letters set dead_at = $1 where kafka_offset = 3`, [at]);
    expect(await offsets({ until: at })).toEqual([1n, 3n]);
  });

  it('are counted, in all, by handler and error, and by key', async () => {
    await die(
      PLACE,
      { offset: 1n, key: 'a', letters: [['welcome', 'f1']] },
      {
        offset: 2n,
        key: 'a',
        letters: [
          ['welcome', 'f1'],
          ['sync', 'f1'],
        ],
      },
      { offset: 3n, key: 'b', letters: [['welcome', 'f1']] },
      { offset: 4n, key: null, letters: [[null, 'f9']] },
    );
    await die(at({ partition: 5 }), { offset: 1n, key: 'c', letters: [['welcome', 'f1']] });
    for (const other of OTHERS) await die(other, { offset: 1n, letters: [['welcome', 'f1']] });
    await settle('discarded', 3n, 'welcome');
    const plan = await planDeadTargets(database, PLACE, ANY, 2);
    expect(plan).toEqual({
      at: expect.any(Date),
      letters: 5,
      deliveries: 4,
      keys: 2,
      logs: [
        { partition: 1, incarnation: 1 },
        { partition: 5, incarnation: 1 },
      ],
      errors: [
        { handler: 'welcome', fingerprint: 'f1', message: 'no f1', letters: 3, keys: 2 },
        { handler: 'sync', fingerprint: 'f1', message: 'no f1', letters: 1, keys: 1 },
      ],
      largestKeys: [
        { orderingKey: 'a', letters: 3 },
        { orderingKey: 'c', letters: 1 },
      ],
    });
    expect(await planDeadTargets(database, PLACE, { ...ANY, handler: 'nobody' }, 2)).toMatchObject({
      letters: 0,
      logs: [],
      errors: [],
    });
  });
});

describe('the logs of a partition', () => {
  // Those of former topic generations are numbered below zero, in no order; a key's older deliveries come first.
  it('are in the order of their records', async () => {
    for (const [incarnation, day] of [
      [1, 5],
      [-1, 3],
      [-7, 1],
      [-2, 4],
      [2, 6],
    ] as const) {
      await die(PLACE, { offset: 1n, incarnation, letters: [['welcome', 'f1']] });
      await database.query('update hookline.dead_deliveries set appended_at = $1 where incarnation = $2', [
        new Date(Date.UTC(2026, 0, day)),
        incarnation,
      ]);
    }
    const { logs } = await planDeadTargets(database, PLACE, ANY, 1);
    expect(logs.map(({ incarnation }) => incarnation)).toEqual([-7, -1, -2, 1, 2]);
    const former = { ...PLACE, incarnation: -7 };
    expect(await readDeadTargets(database, former, ANY, { after: null, limit: 9 })).toMatchObject([{ offset: 1n }]);
  });
});
