import { describe, expect, test } from '@jest/globals';
import { partitionOf } from '@hookline/contracts';
import type { LedgerEntry } from '../traffic/ledger.ts';
import type { Facts } from './facts.ts';
import { placeEffects } from './place-effects.ts';
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
  record,
  right,
  rightWithDeath,
  sending,
} from './testing/right-facts.ts';

// The log has moved from `t` to `t.g2` in the middle of what came: each damage to that is done here, and must be found.

const PARTITIONS = 4;
const NEXT = `t.g2/${partitionOf('k', PARTITIONS)}`;
const GENERATIONS = [
  { topic: 't', partitions: 1, state: 'moved' },
  { topic: 't.g2', partitions: PARTITIONS, state: 'active' },
];
const [e, f] = ['e', 'f'].map((it) => it.repeat(8)) as [string, string];
const atNext = { partition: NEXT, by: NEXT };

/**
 * The last delivery of the old topic waited in a lane, moved, and was run by the owner of its key's new partition; then
 * came one that was accepted by the new topic, and one that the old topic has, too.
 */
function moved(): Facts {
  const facts = right();
  const mark = { ...record(5, ''), delivery: null, isEndMark: true };
  return {
    ...facts,
    generations: GENERATIONS,
    ledger: [...facts.ledger, entry(e)],
    log: [...facts.log, mark, { ...record(0, e), partition: NEXT }, { ...record(1, b), partition: NEXT }],
    behindEnds: [{ ...mark, offset: 6n }],
    offsets: [
      { partition: 't/0', nextOffset: 6n, epoch: 3n },
      { partition: NEXT, nextOffset: 2n, epoch: 1n },
    ],
    audit: [
      ...facts.audit.slice(0, 4),
      audit(5, 4, 'parked', { epoch: 2n }),
      audit(6, 5, 'ignored', { epoch: 2n, key: null }),
      audit(7, 4, 'processed', { stage: 'lane', by: NEXT }),
      audit(8, 0, 'processed', atNext),
      audit(9, 1, 'duplicate', atNext),
    ],
    effects: [
      ...facts.effects.slice(0, 4),
      { ...effect(5, 'effect', 3, 4, d), ...by(NEXT, 1) },
      { ...effect(6, 'project', 3, 4, d), ...by(NEXT, 1) },
      { ...effect(7, 'effect', 4, 0, e), ...by(NEXT, 1), partition: NEXT },
      { ...effect(8, 'project', 4, 0, e), ...by(NEXT, 1), partition: NEXT },
    ],
    claims: [...facts.claims, claim(e, 0, { partition: NEXT })],
    takeovers: [...facts.takeovers, { partition: NEXT, epoch: 1n }],
  };
}

const replaced = <T extends { id: bigint }>(rows: readonly T[], id: bigint, changes: Partial<T>): T[] =>
  rows.map((row) => (row.id === id ? { ...row, ...changes } : row));

const foundIn = (facts: Facts): string[] => found(facts, false);

describe('a log that has moved', () => {
  test('is left alone where it is right', () => {
    expect(foundIn(moved())).toEqual([]);
  });

  const damages: [string, string, (facts: Facts) => Facts][] = [
    [
      'a delivery behind the end',
      'I1: deliveries behind the end',
      (it) => ({ ...it, behindEnds: [...it.behindEnds, record(7, f)] }),
    ],
    [
      'a delivery that is accepted and nowhere but behind the end',
      'I1: answered 202',
      (it) => ({ ...it, ledger: [...it.ledger, entry(f)], behindEnds: [...it.behindEnds, record(7, f)] }),
    ],
    [
      'an old generation that has not moved',
      'I8: generations',
      (it) => ({ ...it, generations: it.generations.map((one) => ({ ...one, state: 'draining' })) }),
    ],
    [
      'a decision of an old owner after the move',
      'I6: what owners of a generation have written',
      (it) => ({ ...it, audit: [...replaced(it.audit, 5n, { id: 10n })].toSorted((x, y) => Number(x.id - y.id)) }),
    ],
    [
      'an effect of an old owner after the move',
      'I6: what owners of a generation have written',
      (it) => ({ ...it, effects: replaced(it.effects, 8n, by('t/0', 2)) }),
    ],
    [
      'an effect of the new topic before one of the old',
      'I3: effects of a repository are not in log order',
      (it) => ({
        ...it,
        effects: replaced(replaced(it.effects, 5n, { nth: 4n }), 7n, { nth: 3n }),
      }),
    ],
    [
      'a delivery that is in both topics and was run twice',
      'I2: effects are there more often',
      (it) => ({
        ...it,
        effects: [...it.effects, { ...effect(9, 'effect', 5, 1, b), ...by(NEXT, 1), partition: NEXT }],
      }),
    ],
    [
      'a lane that was lost on the way',
      'I1: below the stored offset, neither handled nor waiting',
      (it) => ({ ...it, audit: it.audit.filter(({ id }) => id !== 7n) }),
    ],
    [
      'a record of the new topic that was not read',
      'I8: records of the log that were not read',
      (it) => ({ ...it, log: [...it.log, { ...record(2, b), partition: NEXT }] }),
    ],
    [
      'an end mark that was taken for a dead letter',
      'I4: audit rows that say what cannot be',
      (it) => ({ ...it, audit: replaced(it.audit, 6n, { decision: 'dead-lettered' }) }),
    ],
  ];
  test.each(damages)('%s', (_, what, damage) => {
    expect(foundIn(damage(moved()))).toContainEqual(expect.stringContaining(what));
  });

  test.each(['t/0', `t.g2/${(partitionOf('k', PARTITIONS) + 1) % PARTITIONS}`])(
    'a dead letter that stayed at %s, where nobody looks for it',
    (keptAt) => {
      const facts = rightWithDeath();
      const kept = (where: string): Facts => ({
        ...facts,
        generations: GENERATIONS,
        deadLetters: facts.deadLetters.map((letter) => ({ ...letter, keptAt: where })),
      });
      expect(foundIn(kept(NEXT))).toEqual([]);
      expect(foundIn(kept(keptAt))).toEqual(['I8: what waits, is held or is dead, and is not where its key is']);
    },
  );

  test('a payload that is held where no arrival of it is looked for', () => {
    const held = (keptAt: string): Facts => ({
      ...moved(),
      held: [{ digest: 'x', key: 'k', keptAt, state: 'held' }],
    });
    expect(foundIn(held(NEXT))).toEqual([]);
    expect(foundIn(held('t/0'))).toEqual(['I8: what waits, is held or is dead, and is not where its key is']);
  });

  test('a delivery that the old topic took when the next one had accepted another of its repository', () => {
    const facts = moved();
    const [first, ...others] = facts.ledger;
    const late = { ...(first as LedgerEntry), sendings: [sending(202, 9), sending(202, 9)] };
    expect(foundIn({ ...facts, ledger: [late, ...others] })).toEqual([
      'I3: deliveries before what was accepted when they were sent',
    ]);
  });
});

test('an effect of what has moved is of the record in the old topic, and one of what came later of that', () => {
  const noted = moved().effects.map(({ partition: _partition, ...asNoted }) => asNoted);
  expect(placeEffects(noted, moved().log)).toEqual(moved().effects);
  const nowhere = { ...effect(9, 'effect', 5, 9, a), ...by(NEXT, 1) };
  expect(placeEffects([nowhere], moved().log)).toEqual([{ ...nowhere, partition: NEXT }]);
});
