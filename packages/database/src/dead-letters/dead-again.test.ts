import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Fence } from '../fence.ts';
import { identityKey } from '../find-identities.ts';
import { openLanes } from '../lanes/open-lanes.ts';
import { readLane } from '../lanes/read-lane.ts';
import type { LoggedDelivery } from '../logged-delivery.ts';
import { claim, logged } from '../testing/deliveries.ts';
import { explain } from '../testing/explain.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { fenceOf, givePartition } from '../testing/partitions.ts';
import { errorFingerprint } from './error-fingerprint.ts';
import { findDeadIdentities } from './find-dead-identities.ts';
import { noteDeath } from './note-death.ts';
import { readDeadPlace } from './read-dead-place.ts';
import { reviveLetter } from './revive-letter.ts';
import { runDeadAgain, type DeadRun } from './run-dead-again.ts';
import { settleLetters } from './settle-letters.ts';
import { writeDeadLetters, type DeadLetter } from './write-dead-letters.ts';

const database = ownDatabase();

beforeEach(async () => {
  await database.query(
    'truncate hookline.dead_letters, hookline.dead_deliveries, hookline.lanes, hookline.lane_deliveries',
  );
});

const fence = fenceOf(3n, { incarnation: 2 });
/** Partitions other than that of `fence`: whatever is asked or done about its own must not see or touch them. */
const OTHERS = [{ partition: 11 }, { consumerGroup: 'g' }, { topic: 't' }].map((given) => ({ ...fence, ...given }));
const ALL = { records: 1000, bytes: 1e9 };

const at = (offset: bigint, incarnation = 2) => ({ incarnation, offset });

function letter(handler: string | null, given: Partial<DeadLetter> = {}): DeadLetter {
  const reason = handler === null ? 'event-mismatch' : 'handler-failed';
  return { handler, reason, attempts: 10, ...errorFingerprint(new Error('no such label')), ...given };
}

/** Puts a dead delivery at its offset. */
async function die(
  record: LoggedDelivery,
  handlers: (string | null)[],
  { on = fence, incarnation = 2 }: { on?: Fence; incarnation?: number } = {},
): Promise<LoggedDelivery> {
  const place = { incarnation, offset: record.offset, time: record.time };
  const letters = handlers.map((handler) => letter(handler));
  await writeDeadLetters(database, on, [{ place, delivery: record, raw: null, letters }]);
  return record;
}

const open = (keys: string[], on = fence) =>
  openLanes(
    database,
    on,
    keys.map((orderingKey) => ({ orderingKey, attempts: 0, kills: 0, deferrals: 0, dueInMs: 0, error: '' })),
  );

const redrive = (offset: bigint, orderingKey: string, handlers: string[], given: Partial<DeadRun> = {}): DeadRun => ({
  run: 'redrive',
  orderingKey,
  place: at(offset),
  handlers,
  seen: null,
  ...given,
});

async function letters(): Promise<Record<string, unknown>[]> {
  const { rows } = await database.query(
    'select handler, state, generation, attempts, settled_at from hookline.dead_letters order by dead_letter_id',
  );
  return rows;
}

const erase = (offset: bigint) =>
  database.query(
    'update hookline.dead_deliveries set body = null, body_encoding = null, body_bytes = null where kafka_offset = $1',
    [offset],
  );

describe('what died and runs again', () => {
  it('waits in its lane as it was in the log, for its dead handlers only, with the place where it is kept', async () => {
    const body = Buffer.from('{"action":"opened"}'.repeat(50));
    const record = logged('a', { offset: 2n ** 60n }, { headers: { 'user-agent': 'ünï "x"' }, action: null, body });
    await die(record, ['welcome', 'two words', 'count']);
    await open(['a']);
    const seen = at(2n ** 61n, 3);
    const handlers = ['welcome', 'two words'];
    await runDeadAgain(database, fence, [redrive(record.offset, 'a', handlers, { run: 'reset', seen })]);
    expect(await readLane(database, fence, 'a', ALL)).toEqual([
      {
        ...record,
        position: 0n,
        incarnation: 2,
        lastRun: null,
        run: 'reset',
        dead: { place: at(record.offset), handlers },
        storedBytes: expect.any(Number),
      },
    ]);
    expect(await letters()).toMatchObject([{ state: 'waiting' }, { state: 'waiting' }, { state: 'dead' }]);
    const { rows } = await database.query(
      'select seen_incarnation, seen_offset, body is not null as kept from hookline.dead_deliveries',
    );
    expect(rows).toEqual([{ seen_incarnation: 3, seen_offset: String(2n ** 61n), kept: true }]);
  });

  it('keeps the order in which it was asked for, key by key, behind what waits, and the lane counts it', async () => {
    for (const [offset, key] of [
      [1n, 'a'],
      [2n, 'b'],
      [3n, 'a'],
      [4n, 'b'],
      [5n, 'a'],
    ] as const) {
      await die(logged(key, { offset }), ['welcome']);
    }
    await open(['a', 'b']);
    await runDeadAgain(database, fence, [redrive(5n, 'a', ['welcome'])]);
    await runDeadAgain(database, fence, [
      redrive(4n, 'b', ['welcome']),
      redrive(3n, 'a', ['welcome']),
      redrive(1n, 'a', ['welcome']),
      redrive(2n, 'b', ['welcome']),
    ]);
    const lane = async (key: string) => {
      const waiting = await readLane(database, fence, key, ALL);
      const { rows } = await database.query(
        'select records::integer, bytes::integer, next_position::integer as next from hookline.lanes where ordering_key = $1',
        [key],
      );
      const bytes = waiting.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
      expect(rows).toEqual([{ records: waiting.length, bytes, next: waiting.length }]);
      return waiting.map(({ offset, position }) => [position, offset]);
    };
    expect(await lane('a')).toEqual([
      [0n, 5n],
      [1n, 3n],
      [2n, 1n],
    ]);
    expect(await lane('b')).toEqual([
      [0n, 4n],
      [1n, 2n],
    ]);
  });

  it('without a record that asks for it keeps the last place that was seen', async () => {
    await die(logged('a', { offset: 1n }), ['welcome', 'count']);
    await open(['a']);
    await runDeadAgain(database, fence, [redrive(1n, 'a', ['welcome'], { seen: at(9n) })]);
    await runDeadAgain(database, fence, [redrive(1n, 'a', ['count'])]);
    const { rows } = await database.query('select seen_offset from hookline.dead_deliveries');
    expect(rows).toEqual([{ seen_offset: '9' }]);
  });

  // Each would be a delivery that is said to run again and never does, or a handler that runs twice.
  const asItIs = () => Promise.resolve();
  it.each<[string, DeadRun, string, () => Promise<unknown>]>([
    ['of an erased body', redrive(1n, 'a', ['welcome']), 'only 0 can', () => erase(1n)],
    ['behind a closed lane', redrive(1n, 'b', ['welcome']), 'only 0 can', asItIs],
    ['of a place where nothing is kept', redrive(2n, 'a', ['welcome']), 'only 0 can', asItIs],
    ['of another log', redrive(1n, 'a', ['welcome'], { place: at(1n, 1) }), 'only 0 can', asItIs],
    ['of a handler that is not dead', redrive(1n, 'a', ['welcome', 'count']), 'only 1 of them', asItIs],
    [
      'of a handler that waits already',
      redrive(1n, 'a', ['welcome']),
      'only 0 of them',
      () => settleLetters(database, fence, at(1n), null, { from: 'dead', to: 'waiting' }),
    ],
  ])('is refused %s', async (_, run, message, given) => {
    await die(logged('a', { offset: 1n }), ['welcome']);
    for (const other of OTHERS) {
      await die(logged('b', { offset: 2n }), ['welcome'], { on: other });
      await open(['b'], other);
    }
    await open(['a']);
    await given();
    await expect(runDeadAgain(database, fence, [run])).rejects.toThrow(message);
  });

  it('needs no statement when there is none', async () => {
    const none = { query: () => Promise.reject(new Error('no statement is needed')) };
    await expect(runDeadAgain(none, fence, [])).resolves.toBeUndefined();
    expect(await findDeadIdentities(none, fence, [])).toEqual(new Map());
  });
});

describe('a dead letter', () => {
  it('of a handler that ran again and failed is the same one, a generation on, with the last error', async () => {
    await die(logged('a', { offset: 1n }), ['welcome', 'count']);
    await settleLetters(database, fence, at(1n), ['welcome'], { from: 'dead', to: 'waiting' });
    await database.query(`update hookline.dead_letters set dead_at = now() - interval '9 days'`);
    const error = errorFingerprint(new Error('another'));
    await reviveLetter(database, fence, at(1n), letter('welcome', { reason: 'process-killed', ...error }));
    const { rows } = await database.query(
      `select state, generation, attempts, reason, error_message as message, error_fingerprint as fingerprint,
              dead_at > now() - interval '1 day' as anew
         from hookline.dead_letters order by dead_letter_id`,
    );
    expect(rows).toMatchObject([
      {
        state: 'dead',
        generation: 2,
        attempts: 11,
        reason: 'process-killed',
        message: error.message,
        fingerprint: error.fingerprint,
        // What dies while a decision is carried out is not of it: so does what dies again.
        anew: true,
      },
      { state: 'dead', generation: 1, attempts: 10, reason: 'handler-failed', anew: false },
    ]);
    // It does not wait any more: another run of it is one that nobody has asked for.
    await expect(reviveLetter(database, fence, at(1n), letter('welcome'))).rejects.toThrow('no dead letter that waits');
  });

  it('is settled with the others that are in that state, and only they, and says which', async () => {
    await die(logged('a', { offset: 1n }), ['welcome', 'count', 'sync']);
    await die(logged('a', { offset: 2n }), ['welcome']);
    for (const on of OTHERS) await die(logged('a', { offset: 1n }), ['welcome'], { on });
    const settle = (handlers: string[] | null, from: 'dead' | 'waiting', to: 'dead' | 'waiting' | 'redriven') =>
      settleLetters(database, fence, at(1n), handlers, { from, to });
    expect(await settle(['welcome', 'nobody'], 'dead', 'waiting')).toEqual(['welcome']);
    expect(new Set(await settle(null, 'dead', 'waiting'))).toEqual(new Set(['count', 'sync']));
    expect(await settle(['count'], 'waiting', 'redriven')).toEqual(['count']);
    expect(await settle(['count'], 'waiting', 'redriven')).toEqual([]);
    expect(await settle(['sync'], 'waiting', 'dead')).toEqual(['sync']);
    const dead = { state: 'dead', generation: 1, settled_at: null };
    expect(await letters()).toMatchObject([
      { handler: 'welcome', state: 'waiting', generation: 1, settled_at: null },
      { handler: 'count', state: 'redriven', generation: 1, settled_at: expect.any(Date) },
      { handler: 'sync', state: 'dead', generation: 2, settled_at: null },
      ...[dead, dead, dead, dead],
    ]);
  });

  it('without a handler is settled where all are meant', async () => {
    await die(logged('a', { offset: 1n }), [null]);
    expect(await settleLetters(database, fence, at(1n), [], { from: 'dead', to: 'discarded' })).toEqual([]);
    expect(await settleLetters(database, fence, at(1n), null, { from: 'dead', to: 'discarded' })).toEqual([null]);
    expect(await letters()).toMatchObject([{ state: 'discarded', settled_at: expect.any(Date) }]);
  });
});

describe('a decision about what died', () => {
  it('sees the delivery, which of its letters are dead, and the highest generation of those', async () => {
    const { delivery } = await die(logged('a', { offset: 1n }), ['welcome', 'count', 'sync']);
    await settleLetters(database, fence, at(1n), ['sync'], { from: 'dead', to: 'redriven' });
    await database.query(`update hookline.dead_letters set generation = 4 where handler = 'count'`);
    await database.query(`update hookline.dead_letters set generation = 9 where handler = 'sync'`);
    expect(await readDeadPlace(database, fence, at(1n))).toEqual({
      orderingKey: 'a',
      source: 'main',
      dedupScope: 'main',
      guid: delivery.guid,
      digest: delivery.digest,
      event: 'issues',
      action: 'opened',
      receivedAt: delivery.receivedAt,
      storedBytes: delivery.body.length,
      dead: ['count', 'welcome'],
      generation: 4,
    });
    await erase(1n);
    await settleLetters(database, fence, at(1n), null, { from: 'dead', to: 'discarded' });
    expect(await readDeadPlace(database, fence, at(1n))).toMatchObject({ storedBytes: null, dead: [], generation: 0 });
    for (const other of OTHERS) expect(await readDeadPlace(database, other, at(1n))).toBeNull();
    expect(await readDeadPlace(database, fence, at(1n, 1))).toBeNull();
  });

  it('sees a record that is no delivery, with its one letter', async () => {
    const place = { incarnation: 2, offset: 4n, time: 0 };
    const raw = { key: null, value: null };
    await writeDeadLetters(database, fence, [
      { place, delivery: null, raw, letters: [letter(null, { reason: 'undecodable' })] },
    ]);
    expect(await readDeadPlace(database, fence, at(4n))).toEqual({
      orderingKey: null,
      source: null,
      dedupScope: null,
      guid: null,
      digest: null,
      event: null,
      action: null,
      receivedAt: null,
      storedBytes: null,
      dead: [null],
      generation: 1,
    });
  });
});

describe('the dead among identities', () => {
  const find = async (...asked: LoggedDelivery[]) => {
    const identities = asked.map(({ delivery }) => delivery);
    const found = await findDeadIdentities(database, fence, identities);
    return identities.map((identity) => found.get(identityKey(identity)));
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

describe('a death', () => {
  const seen = async () => {
    const { rows } = await database.query(
      'select seen_incarnation as log, seen_offset::integer as seen from hookline.dead_deliveries order by kafka_offset',
    );
    return rows;
  };
  const readUpTo = async (nextOffset: bigint, incarnation = 2) => {
    await database.query('truncate hookline.partition_offsets');
    for (const on of [fence, ...OTHERS]) await givePartition(database, on, on === fence ? nextOffset : 77n);
    await database.query('update hookline.partition_offsets set incarnation = $1', [incarnation]);
  };

  // A redelivery that came while it still waited was decided, though the delivery was not dead then.
  it('notes that all records before it have been decided, and going back in the log takes nothing back', async () => {
    for (const offset of [1n, 2n]) await die(logged('a', { offset }), ['welcome']);
    await readUpTo(10n);
    await noteDeath(database, fence, at(1n));
    expect(await seen()).toEqual([
      { log: 2, seen: 9 },
      { log: null, seen: null },
    ]);
    await readUpTo(4n);
    await noteDeath(database, fence, at(1n));
    expect(await seen()).toMatchObject([{ seen: 9 }, {}]);
    await readUpTo(3n, 3);
    await noteDeath(database, { ...fence, incarnation: 3 }, at(1n));
    expect(await seen()).toMatchObject([{ log: 3, seen: 2 }, {}]);
  });

  it('of another partition, or of nothing that is kept, notes nothing', async () => {
    await die(logged('a', { offset: 1n }), ['welcome']);
    await readUpTo(10n);
    for (const other of OTHERS) await noteDeath(database, other, at(1n));
    await noteDeath(database, fence, at(1n, 1));
    expect(await seen()).toEqual([{ log: null, seen: null }]);
  });
});
