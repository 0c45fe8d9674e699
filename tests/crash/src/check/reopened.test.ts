import { describe, expect, test } from '@jest/globals';
import type { Facts } from './facts.ts';
import {
  b,
  control,
  decided,
  did,
  inLane,
  kept,
  letter,
  redriven,
  said,
  withLetters,
} from './testing/operated-facts.ts';
import { effect, found, P, sending, without } from './testing/right-facts.ts';

/** What was discarded is redriven after all, by a command that was decided on that state, and runs. */
function reopened(state = 'discarded'): Facts {
  const it = redriven();
  return {
    ...it,
    log: [...it.log, control(9, 'c7', 'redrive')],
    offsets: [{ partition: P, nextOffset: 10n, epoch: 1n }],
    audit: [
      ...it.audit.filter(({ id }) => id <= 15n),
      did(16, 9, 'redriven', 'c7', b, 'effect'),
      said(17, 9, 'applied', 'c7'),
      inLane(18, 1, 'processed', b),
    ],
    effects: [...it.effects, effect(6, 'effect', 3, 1, b)],
    deadLetters: [letter(0, 'redriven'), letter(1, 'redriven')],
    commands: [...it.commands.slice(0, 3), { ...kept('c7', 'redrive'), state }],
    decisions: [...it.decisions.slice(0, 3), decided('c7', 'redrive')],
  };
}

describe('what is right is left alone', () => {
  test('discarded, and redriven after all', () => expect(found(reopened(), false)).toEqual([]));
  test('discarded, and redriven after all, before its last run had ended', () => {
    const it = reopened();
    const ledger = it.ledger.map((one) => (one.guid === b ? { ...one, sendings: [sending(202, 1)] } : one));
    const log = it.log.map((one) => (one.offset === 7n ? control(7, 'c2', 'redrive') : one));
    const rows = it.audit.map((row) => {
      if (row.id === 14n) return said(14, 7, 'duplicate', 'c2');
      return row.id === 4n ? { ...row, id: 17n } : row;
    });
    expect(found({ ...it, ledger, log, audit: rows.toSorted((x, y) => Number(x.id - y.id)) }, false)).toEqual([]);
  });
});

describe('each damage to what was discarded and redriven is found', () => {
  test.each<[string, string, Facts]>([
    ['by a command that was decided on what is dead', 'I4: audit rows that say what cannot be', reopened('')],
    [
      'again, when it waits already',
      'I4: audit rows that say what cannot be',
      {
        ...reopened(),
        audit: reopened().audit.flatMap((row) => (row.id === 16n ? [row, { ...row, id: 17n }] : [row])),
      },
    ],
    ['and has not run', 'I2: effects are missing', { ...reopened(), effects: without(reopened().effects, 5) }],
    ['and is discarded still', 'I2: dead letters in another state', withLetters(reopened(), 'redriven', 'discarded')],
  ])('%s', (_, what, damaged) => {
    expect(found(damaged, false)).toContainEqual(expect.stringContaining(what));
  });
});
