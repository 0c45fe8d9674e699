import { describe, expect, it } from '@jest/globals';
import type { KnownIdentity } from '@hookline/database';
import { aDelivery } from '@hookline/test-support';
import { decide, type Decision, type Known } from './decide.ts';
import type { LogRecord } from './record.ts';

const KEY = 'github.com/repository/1';
const G2 = '22222222-2222-4222-8222-222222222222';
const BEFORE = { incarnation: 1, offset: 3n };

function record(offset: number, delivery = aDelivery(), orderingKey = KEY) {
  return { partition: 0, offset: BigInt(offset), time: 0, orderingKey, delivery };
}

function known(changes: Partial<Known> = {}): Known {
  const none = new Map<never, never>();
  return {
    incarnation: 1,
    identities: none,
    waiting: none,
    waitingPayloads: none,
    dead: none,
    lanes: new Set(),
    failed: new Set(),
    isHandled: () => true,
    canRepeat: (event) => event === 'watch',
    replayPolicy: () => 'hold',
    ...changes,
  };
}

/** What is known of the identity at offset 20. */
function about(changes: Partial<KnownIdentity>): Pick<Known, 'identities'> {
  return { identities: new Map([[20n, { claim: null, held: null, twin: null, reusedGuid: false, ...changes }]]) };
}

const claim = (changes: Partial<NonNullable<KnownIdentity['claim']>> = {}) => ({
  claim: { outcome: 'processed' as const, event: 'issues', place: BEFORE, ...changes },
});
/** The same of the records at offsets 20 and up. */
const ofAll = <T>(known: T) => new Map(Array.from({ length: 5 }, (_, i) => [BigInt(20 + i), known]));
const waits = (event = 'issues', place = BEFORE) => ({
  lanes: new Set([KEY]),
  waiting: ofAll({ event, place }),
});
const dies = (handlers: string[], seen = BEFORE) => ({ dead: ofAll({ place: BEFORE, seen, handlers }) });
const say = ({ decision, flags, again, hold }: Decision) =>
  [decision, ...flags, ...(again ? [`runs ${again.handlers.join(', ')}`] : []), ...(hold ? [hold.reason] : [])].join(
    ' ',
  );

/** What becomes of one record at offset 20, or of several from there on. */
function decided(changes: Partial<Known>, ...deliveries: ReturnType<typeof aDelivery>[]): string[] {
  return decide(
    deliveries.map((one, i) => record(20 + i, one)),
    known(changes),
  ).map(say);
}

/** The table of the state machine, a line each, in its order: each of them beats all that are below it. */
describe('what becomes of a record, by the first that applies', () => {
  const one = aDelivery();
  const unfit = { ...one, eventProblem: 'No issue in it.' };
  const nobody = { isHandled: () => false };
  const later = { incarnation: 1, offset: 20n };
  const replay = { twin: { guid: G2, event: 'issues' } };

  it.each<[string, string, Partial<Known>, ReturnType<typeof aDelivery>]>([
    ['read again: claimed here', 'reread', about(claim({ place: later, event: 'push' })), unfit],
    ['read again: held here', 'reread', about({ held: { guid: G2, seen: later }, ...replay }), one],
    ['read again: it waits', 'reread', waits('push', later), one],
    ['read again: dead since', 'reread', { ...about(claim({ outcome: 'dead' })), ...dies(['a'], later) }, one],
    ['another log', 'duplicate', about(claim({ place: { incarnation: 2, offset: 99n } })), one],
    ['a place of another partition', 'duplicate', about(claim({ place: null })), one],
    ['its event does not fit', 'dead-lettered event-mismatch', about(claim({ event: 'push' })), unfit],
    ['its event does not fit, and nobody asks', 'dead-lettered event-mismatch', nobody, unfit],
    ['claimed under another event', 'held other-event other-event', about(claim({ event: 'push' })), one],
    [
      'dead under another event',
      'held other-event other-event',
      { ...about(claim({ event: 'push', outcome: 'dead' })), ...dies(['a']) },
      one,
    ],
    ['waits under another event', 'held other-event other-event', waits('push'), one],
    [
      'another event that nobody asks for',
      'ignored other-event',
      { ...about(claim({ event: 'push' })), ...nobody },
      one,
    ],
    ['processed', 'duplicate', { ...about({ ...claim(), ...replay }), ...nobody }, one],
    ['dead', 'reset runs a, b', { ...about(claim({ outcome: 'dead' })), ...dies(['a', 'b']), ...nobody }, one],
    ['dead, all settled', 'duplicate', { ...about(claim({ outcome: 'dead' })), ...dies([]) }, one],
    ['dead, and running again', 'reset', { ...about(claim({ outcome: 'dead' })), ...dies(['b']), ...waits() }, one],
    ['waits', 'reset', { ...waits(), ...nobody }, one],
    ['waits under both events', 'reset', { ...waits(), ...about(claim({ event: 'push' })) }, one],
    ['discarded', 'duplicate', about(claim({ outcome: 'discarded' })), one],
    ['nobody asks', 'ignored', { ...about({ ...replay, held: { guid: one.guid, seen: BEFORE } }), ...nobody }, one],
    ['held', 'held suspected-replay suspected-replay', about({ held: { guid: one.guid, seen: BEFORE } }), one],
    [
      'held, whatever the policy is now',
      'held suspected-replay suspected-replay',
      { ...about({ ...replay, held: { guid: one.guid, seen: BEFORE } }), replayPolicy: () => 'process' },
      one,
    ],
    [
      'payload known, can repeat',
      'processed repeated-payload',
      about({ twin: { guid: G2, event: 'watch' }, reusedGuid: true }),
      { ...one, event: 'watch' },
    ],
    [
      'payload known under another event, can repeat',
      'held suspected-replay suspected-replay',
      about(replay),
      { ...one, event: 'watch' },
    ],
    ['payload known', 'held suspected-replay suspected-replay', about({ ...replay, reusedGuid: true }), one],
    [
      'payload known, policy process',
      'processed suspected-replay',
      { ...about(replay), replayPolicy: () => 'process' },
      one,
    ],
    [
      'payload known, policy suppress',
      'discarded suspected-replay',
      { ...about(replay), replayPolicy: () => 'suppress' },
      one,
    ],
    [
      'payload waits under another GUID',
      'held suspected-replay suspected-replay',
      {
        lanes: new Set([KEY]),
        waitingPayloads: ofAll({ guid: G2, event: 'issues' }),
      },
      one,
    ],
    ['GUID known with another payload', 'processed reused-guid', about({ reusedGuid: true }), one],
    ['nothing known', 'processed', {}, one],
    ['its key waits', 'parked', { lanes: new Set([KEY]) }, one],
    ['it has failed', 'parked', { failed: new Set([20n]) }, one],
  ])('%s: %s', (_, expected, changes, delivery) => {
    expect(decided(changes, delivery)).toEqual([expected]);
  });
});

describe('decide', () => {
  it('asks for the policy of the source and event', () => {
    const asked: string[] = [];
    decided(
      {
        ...about({ twin: { guid: G2, event: 'issues' } }),
        replayPolicy: (source, event) => {
          asked.push(source, event);
          return 'hold';
        },
      },
      aDelivery({ source: 'main' }),
    );
    expect(asked).toEqual(['main', 'issues']);
  });

  it('processes an identity once, however often it is in the slice', () => {
    const twice = aDelivery();
    expect(decided({}, twice, { ...twice }, aDelivery())).toEqual(['processed', 'duplicate', 'processed']);
  });

  it('ignores what no handler asks for, and claims nothing by it: its next arrival is decided anew', () => {
    const twice = aDelivery();
    expect(decided({ isHandled: () => false }, twice, twice)).toEqual(['ignored', 'ignored']);
  });

  it.each([
    ['dedup scope', { dedupScope: 'another' }, 'processed'],
    ['digest', { digest: Buffer.alloc(32, 1) }, 'processed reused-guid'],
    ['GUID', { guid: G2 }, 'held suspected-replay suspected-replay'],
  ])('tells deliveries apart by their %s', (_, change, second) => {
    const one = aDelivery();
    expect(decided({}, one, { ...one, ...change })).toEqual(['processed', second]);
  });

  it('runs a dead delivery once, however often it is in the slice', () => {
    const one = aDelivery();
    const state = { ...about(claim({ outcome: 'dead' })), ...dies(['a']) };
    expect(decided(state, one, one, aDelivery())).toEqual(['reset runs a', 'reset', 'parked']);
  });

  // Its order would be lost otherwise: the one behind would run before the one that failed.
  it('parks what has failed and all that comes behind it under its key, and nothing else', () => {
    const records = [record(0), record(1), record(2, aDelivery(), 'another'), record(3), record(4)];
    const all = ['processed', 'parked', 'processed', 'parked', 'parked'];
    expect(decide(records, known({ failed: new Set([1n]) })).map(say)).toEqual(all);
  });

  it('does not park twice what waits already, and does not take it for done', () => {
    const twice = aDelivery();
    expect(decided({ lanes: new Set([KEY]) }, twice, { ...twice })).toEqual(['parked', 'reset']);
  });

  it('makes a dead letter of what is no delivery, ignores the mark of a generation’s end, and goes on', () => {
    const raw = { key: null, value: Buffer.from('x') };
    const foreign: LogRecord = { partition: 0, offset: 1n, time: 0, delivery: null, raw, detail: 'none of ours' };
    const mark: LogRecord = { ...foreign, offset: 2n, isEndMark: true };
    expect(decide([record(0), foreign, mark, record(3)], known()).map(say)).toEqual([
      'processed',
      'dead-lettered',
      'ignored',
      'processed',
    ]);
  });

  it('is not asked about control records', () => {
    const control = { partition: 0, offset: 0n, time: 0, delivery: null, control: {}, order: null } as never;
    expect(() => decide([control], known())).toThrow('Control records');
  });
});
