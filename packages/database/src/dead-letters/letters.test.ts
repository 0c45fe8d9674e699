import { beforeEach, describe, expect, it } from '@jest/globals';
import { at, deadIn, fence, letter, OTHERS } from '../testing/dead-again.ts';
import { logged } from '../testing/deliveries.ts';
import { ownDatabase } from '../testing/own-database.ts';
import { givePartition } from '../testing/partitions.ts';
import { errorFingerprint } from './error-fingerprint.ts';
import { noteDeath } from './note-death.ts';
import { readDeadPlaces } from './read-dead-places.ts';
import { reviveLetter } from './revive-letter.ts';
import { settleLetters } from './settle-letters.ts';
import { writeDeadLetters } from './write-dead-letters.ts';

const database = ownDatabase();
const { clear, die, erase, letters } = deadIn(database);

beforeEach(async () => {
  await clear();
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
  const dead = (offset: bigint, incarnation = 2) => ({ ...at(offset, incarnation), state: 'dead' as const });

  it('sees the delivery, which of its letters are dead, and the highest generation of those', async () => {
    const { delivery } = await die(logged('a', { offset: 1n }), ['welcome', 'count', 'sync']);
    await settleLetters(database, fence, at(1n), ['sync'], { from: 'dead', to: 'redriven' });
    await database.query(`update hookline.dead_letters set generation = 4 where handler = 'count'`);
    await database.query(`update hookline.dead_letters set generation = 9 where handler = 'sync'`);
    expect((await readDeadPlaces(database, fence, [dead(1n)]))[0]).toEqual({
      orderingKey: 'a',
      source: 'main',
      dedupScope: 'main',
      guid: delivery.guid,
      digest: delivery.digest,
      event: 'issues',
      action: 'opened',
      receivedAt: delivery.receivedAt,
      storedBytes: delivery.body.length,
      handlers: ['count', 'welcome'],
      generation: 4,
      isKnown: true,
    });
    await erase(1n);
    await settleLetters(database, fence, at(1n), null, { from: 'dead', to: 'discarded' });
    expect((await readDeadPlaces(database, fence, [dead(1n)]))[0]).toMatchObject({
      storedBytes: null,
      handlers: [],
      generation: 0,
    });
    for (const other of OTHERS) expect(await readDeadPlaces(database, other, [dead(1n)])).toEqual([null]);
    expect(await readDeadPlaces(database, fence, [dead(1n, 1)])).toEqual([null]);
  });

  it('sees a record that is no delivery, with its one letter', async () => {
    const place = { incarnation: 2, offset: 4n, time: 0 };
    const raw = { key: null, value: null };
    await writeDeadLetters(database, fence, [
      { place, delivery: null, raw, letters: [letter(null, { reason: 'undecodable' })] },
    ]);
    expect((await readDeadPlaces(database, fence, [dead(4n)]))[0]).toEqual({
      orderingKey: null,
      source: null,
      dedupScope: null,
      guid: null,
      digest: null,
      event: null,
      action: null,
      receivedAt: null,
      storedBytes: null,
      handlers: [null],
      generation: 1,
      isKnown: true,
    });
  });
});

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
