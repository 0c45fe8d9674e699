import { beforeEach, describe, expect, it } from '@jest/globals';
import { readLane } from '../lanes/read-lane.ts';
import { at, deadIn, fence, OTHERS, redrive } from '../testing/dead-again.ts';
import { logged } from '../testing/deliveries.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { findDeadIdentities } from './find-dead-identities.ts';
import { runDeadAgain, type DeadRun } from './run-dead-again.ts';
import { settleLetters } from './settle-letters.ts';

const database = ownDatabase();
const { clear, die, erase, letters, open } = deadIn(database);

beforeEach(async () => {
  await clear();
});

const ALL = { records: 1000, bytes: 1e9 };

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

  it('was discarded, and waits like what is dead, as not settled', async () => {
    await die(logged('a', { offset: 1n }), ['welcome', 'count']);
    await die(logged('a', { offset: 2n }), ['welcome']);
    await open(['a']);
    await settleLetters(database, fence, at(1n), null, { from: 'dead', to: 'discarded' });
    await runDeadAgain(database, fence, [
      redrive(1n, 'a', ['welcome'], { from: 'discarded' }),
      redrive(2n, 'a', ['welcome']),
    ]);
    expect(await letters()).toMatchObject([
      { handler: 'welcome', state: 'waiting', generation: 1, settled_at: null },
      { handler: 'count', state: 'discarded', settled_at: expect.any(Date) },
      { handler: 'welcome', state: 'waiting' },
    ]);
    expect(await readLane(database, fence, 'a', ALL)).toMatchObject([{ offset: 1n }, { offset: 2n }]);
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
      'of what was discarded, and is dead',
      redrive(1n, 'a', ['welcome'], { from: 'discarded' }),
      'only 0 of them',
      asItIs,
    ],
    [
      'of what was discarded',
      redrive(1n, 'a', ['welcome']),
      'only 0 of them',
      () => settleLetters(database, fence, at(1n), null, { from: 'dead', to: 'discarded' }),
    ],
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
