import { describe, expect, it, test } from '@jest/globals';
import type { LedgerEntry } from '../traffic/ledger.ts';
import { check } from './check.ts';
import type { DeadLetter, Facts } from './facts.ts';
import {
  P,
  record,
  entry,
  sending,
  claim,
  audit,
  effect,
  right,
  rightWithDeath,
  found,
  without,
  a,
  b,
  d,
} from './testing/right-facts.ts';

// A check that cannot fail shows nothing: each kind of damage that it is there for is done here to facts that are right,
// and must be found.

describe('what is right is left alone', () => {
  test('handled, duplicate, ignored', () => expect(found(right())).toEqual([]));
  test('dead in one handler, handled in the other', () => expect(found(rightWithDeath())).toEqual([]));
  test('refused at the door when its dead letter was discarded', () => {
    const facts = rightWithDeath();
    const [letter, dead] = [facts.deadLetters[0] as DeadLetter, facts.ledger[3] as LedgerEntry];
    const ledger = [...facts.ledger.slice(0, 3), { ...dead, sendings: [...dead.sendings, sending(409, 60)] }];
    const discarded = audit(10, 6, 'discarded', { stage: 'operator', handler: 'effect', epoch: 2n });
    const about = { guid: d, digest: `digest of ${d}`, commandId: 'c1' };
    const settled: Facts = {
      ...facts,
      ledger,
      deadLetters: [{ ...letter, state: 'discarded', settledAt: 60.4 }],
      audit: [...facts.audit, { ...discarded, ...about }],
      commands: [{ id: 'c1', name: 'discard', state: '', outcome: 'applied', via: 'table', actor: 'crash' }],
      decisions: [
        {
          commandId: 'c1',
          command: 'discard',
          via: 'table',
          times: 1,
          at: 0,
          confirmed: true,
          record: null,
          generation: null,
          about: 'k',
        },
      ],
    };
    expect(found(settled)).toEqual([]);
  });
  test('refused at the door before an earlier state of the database was restored', () => {
    const facts = right();
    const claims = [claim(a, 0, { claimedAt: 40 }), ...facts.claims.slice(1)];
    expect(found({ ...facts, restoredAt: 20, claims })).toEqual([]);
  });
  test('waiting in a lane, where it has not drained, is told as that and nothing else', () => {
    const facts = right();
    expect(
      found({
        ...facts,
        ledger: [...facts.ledger.slice(0, 3), entry(d, { poisoned: true })],
        audit: [...facts.audit.slice(0, 4), audit(5, 4, 'parked', { epoch: 2n })],
        effects: facts.effects.slice(0, 4),
        claims: facts.claims.slice(0, 2),
        lanes: [{ key: 'k', state: 'retrying', records: 1n }],
        waiting: [{ partition: P, offset: 4n, keptAt: P, key: 'k', lastRun: null }],
      }),
    ).toEqual(['I8: lanes that have not drained']);
  });
});

describe('each damage is found', () => {
  const damages: [string, string, (facts: Facts) => Facts][] = [
    [
      'a delivery before one that was accepted when it was sent',
      'I3: deliveries before what was accepted',
      (it) => ({
        ...it,
        ledger: it.ledger.map((one) => (one.guid === b ? entry(b, { sendings: [sending(202, 9)] }) : one)),
      }),
    ],
    ['a 202 that is not in the log', 'I1', (it) => ({ ...it, ledger: [...it.ledger, entry('eeeeeeee')] })],
    [
      'a second 202 for which the log has no second record',
      'I1',
      (it) => ({
        ...it,
        ledger: [...it.ledger.slice(0, 3), entry(d, { sendings: [...entry(d).sendings, ...entry(d).sendings] })],
      }),
    ],
    [
      'an effect that was committed under an epoch of the past',
      'I6',
      (it) => ({ ...it, staleEffects: [{ partition: P, offset: 1n, writtenAs: 'hookline/abc/0/1' }] }),
    ],
    [
      'two takeovers in one epoch',
      'I6',
      (it) => ({ ...it, takeovers: [...it.takeovers, { partition: P, epoch: 2n }] }),
    ],
    [
      'a 409 that is not in the log',
      'I1: answered 202 or 409',
      (it) => ({ ...it, ledger: [...it.ledger, entry('eeeeeeee', { sendings: [sending(409, 10)] })] }),
    ],
    [
      'a 409 before the delivery was processed',
      'I1: answered 409',
      (it) => ({ ...it, claims: [claim(a, 0, { claimedAt: 12 }), ...it.claims.slice(1)] }),
    ],
    ['a 409 of what was never claimed', 'I1: answered 409', (it) => ({ ...it, claims: it.claims.slice(1) })],
    [
      'a reset of what has neither waited nor died',
      'I1: answered as reset',
      (it) => ({ ...it, ledger: [...it.ledger.slice(0, 3), entry(d, { sendings: [sending(202, 10, true)] })] }),
    ],
    ['a record that nobody sent', 'I1', (it) => ({ ...it, ledger: without(it.ledger, 1) })],
    [
      'a record under another key',
      'I1',
      (it) => ({ ...it, ledger: [entry(a, { key: 'other' }), ...it.ledger.slice(1)] }),
    ],
    ['a lost effect', 'I2: effects are missing', (it) => ({ ...it, effects: without(it.effects, 5) })],
    [
      'a doubled effect',
      'I2: effects are there more often',
      (it) => ({ ...it, effects: [...it.effects, effect(7, 'effect', 4, 4, d, 2)] }),
    ],
    [
      'an effect of a duplicate',
      'I2: effects are there more often',
      (it) => ({ ...it, effects: [...it.effects, effect(7, 'effect', 4, 2, a)] }),
    ],
    [
      'an effect of what is not in the log',
      'I2: effects of what is not',
      (it) => ({ ...it, effects: [...it.effects, effect(7, 'effect', 4, 9, d, 2)] }),
    ],
    ['a missing claim', 'I2: identities', (it) => ({ ...it, claims: without(it.claims, 0) })],
    ['a doubled claim', 'I2: identities', (it) => ({ ...it, claims: [...it.claims, ...it.claims.slice(0, 1)] })],
    [
      'two effects in another order',
      'I3: effects of a repository are not in log order',
      (it) => ({
        ...it,
        effects: [effect(1, 'effect', 2, 0, a), effect(2, 'effect', 1, 1, b), ...it.effects.slice(2)],
      }),
    ],
    [
      'a number that was given twice',
      'I3: effects of a repository are not numbered',
      (it) => ({ ...it, effects: it.effects.map((row) => (row.id === 2n ? { ...row, nth: 1n } : row)) }),
    ],
    ['a missing audit row', 'I4: records without', (it) => ({ ...it, audit: without(it.audit, 2) })],
    [
      'a second audit row',
      'I4: records without',
      (it) => ({ ...it, audit: [...it.audit, audit(6, 4, 'duplicate', { epoch: 2n })] }),
    ],
    [
      'a first delivery called a duplicate',
      'I4: audit rows that say',
      (it) => ({ ...it, audit: it.audit.map((row) => (row.id === 2n ? { ...row, decision: 'duplicate' } : row)) }),
    ],
    [
      'an audit row of what is not in the log',
      'I4: audit rows of what is not',
      (it) => ({ ...it, audit: [...it.audit, audit(6, 5, 'processed', { epoch: 2n })] }),
    ],
    [
      'a decision under an older epoch',
      'I6: decisions of a stale owner',
      (it) => ({ ...it, audit: it.audit.map((row) => (row.id === 5n ? { ...row, epoch: 1n } : row)) }),
    ],
    [
      'a decision under an epoch that nobody has had',
      'I6: decisions of a stale owner',
      (it) => ({ ...it, audit: it.audit.map((row) => (row.id === 5n ? { ...row, epoch: 3n } : row)) }),
    ],
    [
      'an effect that another owner wrote',
      'I6: effects of another owner',
      (it) => ({ ...it, effects: [...it.effects.slice(0, 5), effect(6, 'project', 3, 4, d, 1)] }),
    ],
    [
      'an effect that was written outside a fenced transaction',
      'I6: effects of another owner',
      (it) => ({ ...it, effects: it.effects.map((row) => ({ ...row, writtenAs: 'hookline-processor', owner: null })) }),
    ],
    [
      'a record that was not read',
      'I8: records of the log that were not read',
      (it) => ({ ...it, log: [...it.log, record(5, 'eeeeeeee')], ledger: [...it.ledger, entry('eeeeeeee')] }),
    ],
    [
      'an innocent in a lane',
      'I9: repositories without poison waited',
      (it) => ({
        ...it,
        audit: [
          ...it.audit.slice(0, 4),
          audit(5, 4, 'parked', { epoch: 2n }),
          audit(6, 4, 'processed', { epoch: 2n, stage: 'lane' }),
        ],
      }),
    ],
  ];
  test.each(damages)('%s', (_, invariant, damage) => {
    expect(found(damage(right()))).toContainEqual(expect.stringContaining(invariant));
  });

  const refuseDead = (it: Facts): Facts => {
    const dead = it.ledger[3] as LedgerEntry;
    return { ...it, ledger: [...it.ledger.slice(0, 3), { ...dead, sendings: [...dead.sendings, sending(409, 50)] }] };
  };
  const withLetter = (it: Facts, changes: Partial<DeadLetter>): Facts => ({
    ...it,
    deadLetters: [{ ...(it.deadLetters[0] as DeadLetter), ...changes }],
  });

  const deaths: [string, string, (facts: Facts) => Facts][] = [
    ['a 409 for what is dead', 'I1: answered 409', refuseDead],
    [
      'a 409 before a dead letter was discarded',
      'I1: answered 409',
      (it) => withLetter(refuseDead(it), { state: 'discarded', settledAt: 60 }),
    ],
    [
      'poison that was parked and has no end',
      'I4: records that were parked',
      (it) => ({ ...it, audit: it.audit.slice(0, 6), deadLetters: [] }),
    ],
    [
      'a dead letter that the audit does not know',
      'I4: dead letters without',
      (it) => ({ ...it, audit: [...it.audit.slice(0, 6), audit(7, 4, 'processed', { epoch: 2n, stage: 'lane' })] }),
    ],
    [
      'a dead letter of an innocent',
      'I9: deliveries died',
      (it) => ({ ...it, ledger: [...it.ledger.slice(0, 3), entry(d, { poisoned: true })] }),
    ],
    [
      'poison that is not dead',
      'I9: deliveries that fail for ever',
      (it) => ({ ...it, deadLetters: [{ ...(it.deadLetters[0] as DeadLetter), handler: 'project' }] }),
    ],
    [
      'an effect of a dead handler',
      'I2: effects are there more often',
      (it) => ({ ...it, effects: [...it.effects, effect(7, 'effect', 3, 4, d, 2)] }),
    ],
  ];
  test.each(deaths)('%s', (_, invariant, damage) => {
    expect(found(damage(rightWithDeath()))).toContainEqual(expect.stringContaining(invariant));
  });

  it('an innocent that died as if it had killed processes, unless so many were struck at chosen points', () => {
    const facts = rightWithDeath();
    const innocent = { ...facts, ledger: [...facts.ledger.slice(0, 3), entry(d, { poisoned: true })] };
    const died = (struck: number, reason: string) =>
      check(withLetter(innocent, { reason }), { onlyHandlersFailed: true, struck }).violations.some(({ what }) =>
        what.includes('died that should not'),
      );
    expect(died(2, 'process-killed')).toBe(true);
    expect(died(3, 'process-killed')).toBe(false);
    expect(died(3, 'handler-failed')).toBe(true);
  });
});
