import { describe, expect, test } from '@jest/globals';
import type { LedgerEntry } from '../traffic/ledger.ts';
import { check } from './check.ts';
import type { Aged, Facts } from './facts.ts';
import {
  a,
  audit,
  b,
  by,
  claim,
  d,
  effect,
  entry,
  found,
  P,
  record,
  right,
  rightWithDeath,
  sending,
} from './testing/right-facts.ts';

// Some of what was processed is dated back: what is behind the horizon goes and may run once more, everything else stays.

function aged(guid: string, offset: number, changes: Partial<Aged> = {}): Aged {
  return { guid, partition: P, offset: BigInt(offset), claimedAt: offset + 2, beyond: true, auditId: 5n, ...changes };
}

/** The first delivery is forgotten, came again, ran again, and came once more; the second is old, and not too old. */
function forgotten(): Facts {
  const facts = right();
  return {
    ...facts,
    aged: [aged(a, 0), aged(b, 1, { beyond: false })],
    ledger: [
      entry(a, { sendings: [sending(202, 1), sending(202, 2), sending(409, 10), sending(202, 40), sending(202, 50)] }),
      ...facts.ledger.slice(1),
    ],
    log: [...facts.log, record(5, a), record(6, a)],
    offsets: [{ partition: P, nextOffset: 7n, epoch: 2n }],
    audit: [...facts.audit.slice(1), audit(6, 5, 'processed', { epoch: 2n }), audit(7, 6, 'duplicate', { epoch: 2n })],
    effects: [...facts.effects, effect(7, 'effect', 4, 5, a, 2), effect(8, 'project', 4, 5, a, 2)],
    claims: [...facts.claims.slice(1), claim(a, 5, { claimedAt: 45 })],
  };
}

/** What has died is old, too: its claim was made anew, and its rows of the audit are gone. */
function deadForLong(): Facts {
  const facts = rightWithDeath();
  return {
    ...facts,
    aged: [aged(d, 4, { auditId: 9n })],
    audit: facts.audit.filter(({ offset }) => offset !== 4n),
    claims: [...facts.claims.slice(0, 2), claim(d, 4, { outcome: 'dead', claimedAt: 90 })],
  };
}

describe('what is behind the horizon', () => {
  test('may be forgotten, and run once more', () => expect(found(forgotten())).toEqual([]));
  test('is not lost by that, nor doubled', () => {
    expect(check(forgotten(), { onlyHandlersFailed: true }).counts).toMatchObject({ effects: 8, lost: 0, doubled: 0 });
  });
  test.each([true, false])('may go, or stay, where it is dead and all of it was decided (it stays: %s)', (stays) => {
    const facts = deadForLong();
    const deadLetters = facts.deadLetters.map((letter) => ({ ...letter, state: 'discarded', settledAt: 60 }));
    expect(found({ ...facts, deadLetters, claims: stays ? facts.claims : facts.claims.slice(0, 2) })).toEqual([]);
  });
  test('is not asked for its death, nor whether it has waited, where the audit has lost it', () => {
    const facts = deadForLong();
    const again = audit(10, 4, 'dead-lettered', { epoch: 2n, stage: 'lane', handler: 'effect' });
    const [first, ...others] = forgotten().ledger as [LedgerEntry, ...LedgerEntry[]];
    expect(found({ ...facts, audit: [...facts.audit, again] })).toEqual([]);
    const wasReset = { ...first, sendings: [...first.sendings, sending(202, 3, true)].slice(1) };
    expect(found({ ...forgotten(), ledger: [wasReset, ...others] })).toEqual([]);
  });
  test('stays known where it is dead', () => expect(found(deadForLong())).toEqual([]));
});

describe('each damage is found', () => {
  const damages: [string, string, (facts: Facts) => Facts][] = [
    [
      'a claim inside the horizon that is gone',
      'I10: claims inside the horizon',
      (it) => ({ ...it, claims: it.claims.filter(({ guid }) => guid !== b) }),
    ],
    [
      'a row of the audit inside the horizon that is gone',
      'I10: rows of the audit inside',
      (it) => ({ ...it, audit: it.audit.filter(({ id }) => id !== 2n) }),
    ],
    [
      'a claim behind the horizon that nobody has removed',
      'I10: claims and rows of the audit behind',
      (it) => ({ ...it, claims: [...it.claims, claim(a, 0)] }),
    ],
    [
      'a row of the audit behind the horizon that nobody has removed',
      'I10: claims and rows of the audit behind',
      (it) => ({ ...it, audit: [audit(1, 0, 'processed'), ...it.audit] }),
    ],
    [
      'one that came again before it was forgotten, and ran',
      'I2: effects are there more often',
      (it) => ({ ...it, aged: [aged(a, 0, { auditId: 6n }), ...it.aged.slice(1)] }),
    ],
    [
      'one that was forgotten, and ran twice',
      'I2: effects are there more often',
      (it) => ({ ...it, effects: [...it.effects, { ...effect(9, 'effect', 5, 6, a), ...by(P, 2) }] }),
    ],
    [
      'one that ran again, and is not claimed again',
      'I2: identities are not claimed',
      (it) => ({ ...it, claims: it.claims.filter(({ guid }) => guid !== a) }),
    ],
    [
      'one inside the horizon that ran again',
      'I2: effects are there more often',
      (it) => ({ ...it, aged: [aged(a, 0, { beyond: false }), ...it.aged.slice(1)] }),
    ],
    [
      'a gap in the audit of what is not forgotten',
      'I6: decisions that were not written in the order of the log',
      (it) => ({ ...it, audit: it.audit.filter(({ id }) => id !== 3n) }),
    ],
  ];
  test.each(damages)('%s', (_, what, damage) => {
    expect(found(damage(forgotten()))).toContainEqual(expect.stringContaining(what));
  });
  test('a claim of what is dead that was removed', () => {
    const facts = deadForLong();
    const claims = facts.claims.slice(0, 2);
    expect(found({ ...facts, claims })).toContainEqual(expect.stringContaining('I10: claims inside the horizon'));
  });
});
