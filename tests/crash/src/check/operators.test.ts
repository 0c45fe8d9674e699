import { describe, expect, test } from '@jest/globals';
import type { LedgerEntry } from '../traffic/ledger.ts';
import type { AuditRow, Facts, LogRecord } from './facts.ts';
import { nothingAgain, type Reread } from './i7-reread.ts';
import {
  a,
  b,
  control,
  decided,
  did,
  facts,
  inLane,
  kept,
  r,
  redriven,
  s,
  said,
  withLetters,
} from './testing/operated-facts.ts';
import { audit, claim, effect, entry, found, P, record, sending, without } from './testing/right-facts.ts';

// What operators decide, and what is posted again, damaged in each way that the check is there for: all of it is found.

const replay = (offset: number, guid: string): LogRecord => {
  const it = record(offset, guid);
  return { ...it, delivery: it.delivery && { ...it.delivery, digest: `digest of ${r}` } };
};
const replayed = (guid: string): LedgerEntry => entry(guid, { digest: `digest of ${r}`, sendings: [sending(202, 1)] });
const ofReplay = (guid: string) => ({ guid, digest: `digest of ${r}` });

/** A body came under two more GUIDs: the first was released and ran, the second was discarded, and came again. */
function replays(): Facts {
  return facts({
    ledger: [entry(r), replayed(s), { ...replayed(b), sendings: [sending(202, 1), sending(202, 2)] }],
    log: [
      record(0, r),
      replay(1, s),
      control(2, 'c1', 'release-replay'),
      replay(3, b),
      control(4, 'c2', 'discard-replay'),
      replay(5, b),
    ],
    offsets: [{ partition: P, nextOffset: 6n, epoch: 1n }],
    audit: [
      audit(1, 0, 'processed', ofReplay(r)),
      audit(2, 1, 'held', ofReplay(s)),
      audit(3, 2, 'released', { stage: 'operator', ...ofReplay(s), commandId: 'c1' }),
      said(4, 2, 'applied', 'c1'),
      inLane(5, 1, 'processed', s),
      audit(6, 3, 'held', ofReplay(b)),
      audit(7, 4, 'discarded', { stage: 'operator', ...ofReplay(b), commandId: 'c2' }),
      said(8, 4, 'applied', 'c2'),
      audit(9, 5, 'duplicate', ofReplay(b)),
    ],
    effects: [
      effect(1, 'effect', 1, 0, r),
      effect(2, 'project', 1, 0, r),
      effect(3, 'effect', 2, 1, s),
      effect(4, 'project', 2, 1, s),
    ],
    claims: [
      claim(r, 0),
      claim(s, 1, { digest: `digest of ${r}` }),
      claim(b, 3, { digest: `digest of ${r}`, outcome: 'discarded' }),
    ],
    held: [{ digest: `digest of ${r}`, key: 'k', keptAt: P, state: 'discarded' }],
    commands: [kept('c1', 'release-replay'), kept('c2', 'discard-replay')],
    decisions: [decided('c1', 'release-replay'), decided('c2', 'discard-replay')],
  });
}

const withRow = (it: Facts, id: number, changes: Partial<AuditRow>): Facts => ({
  ...it,
  audit: it.audit.map((row) => (row.id === BigInt(id) ? { ...row, ...changes } : row)),
});
const withoutRow = (it: Facts, id: number): Facts => ({
  ...it,
  audit: it.audit.filter((row) => row.id !== BigInt(id)),
});
describe('what is right is left alone', () => {
  test('redriven, discarded, refused, written twice, by the table', () => expect(found(redriven(), false)).toEqual([]));
  test('replays that are held, released, discarded', () => expect(found(replays(), false)).toEqual([]));
  test.each([
    ['discarded', 4n, 12n],
    ['redriven', 2n, 5n],
  ])('a dead letter that was %s before its last run had ended', (_, death, decision) => {
    const it = redriven();
    const swapped = it.audit.map((row) => ({
      ...row,
      id: row.id === death ? decision : row.id === decision ? death : row.id,
    }));
    expect(found({ ...it, audit: swapped.toSorted((x, y) => Number(x.id - y.id)) }, false)).toEqual([]);
  });
  test('an innocent that an operator has skipped', () => {
    const it = redriven();
    const skipped = did(4, 9, 'skipped', 'c7', b, 'effect');
    const ledger = it.ledger.map((one) => (one.guid === b ? { ...one, misdeed: null } : one));
    const rows = it.audit.flatMap((row) => (row.id === 4n ? [row, skipped] : [row]));
    const commands = [...it.commands, kept('c7', 'skip')];
    const decisions = [...it.decisions, decided('c7', 'skip')];
    expect(found({ ...it, ledger, audit: rows, commands, decisions }, false)).toEqual([]);
  });
  test('a replay that nobody has decided about', () => {
    const it = replays();
    expect(
      found({
        ...it,
        log: it.log.slice(0, 2),
        offsets: [{ partition: P, nextOffset: 2n, epoch: 1n }],
        ledger: it.ledger.slice(0, 2),
        audit: it.audit.slice(0, 2),
        effects: it.effects.slice(0, 2),
        claims: it.claims.slice(0, 1),
        commands: [],
        decisions: [],
      }),
    ).toEqual([]);
  });
});

describe('each damage to what operators have decided is found', () => {
  const damages: [string, string, (it: Facts) => Facts][] = [
    [
      'a redriven handler that has run twice',
      'I2: effects are there more often',
      (it) => ({ ...it, effects: [...it.effects, effect(6, 'effect', 3, 0, a)] }),
    ],
    [
      'a redriven handler that has not run',
      'I2: effects are missing',
      (it) => ({ ...it, effects: without(it.effects, 2) }),
    ],
    [
      'a redriven handler that is still said to be dead',
      'I2: dead letters in another state',
      (it) => withLetters(it, 'dead', 'discarded'),
    ],
    [
      'a discarded handler that has run',
      'I2: effects are there more often',
      (it) => ({ ...it, effects: [...it.effects, effect(6, 'effect', 3, 1, b)] }),
    ],
    [
      'a discarded dead letter that was opened again',
      'I2: dead letters in another state',
      (it) => withLetters(it, 'redriven', 'dead'),
    ],
    [
      'a discarded handler that did not die',
      'I4: audit rows that say what cannot be',
      (it) => withRow(it, 4, { decision: 'processed', handler: null }),
    ],
    [
      'a redelivery of what was discarded, decided as a reset',
      'I4: audit rows that say what cannot be',
      (it) => withRow(it, 14, { decision: 'reset' }),
    ],
    [
      'a redelivery of what was redriven before, decided as a reset',
      'I4: audit rows that say what cannot be',
      (it) => withRow(it, 15, { decision: 'reset' }),
    ],
    [
      'a second redrive of what waits',
      'I4: audit rows that say what cannot be',
      (it) => ({
        ...it,
        audit: it.audit.flatMap((row) =>
          row.id === 8n ? [did(8, 4, 'redriven', 'c2', a, 'effect'), said(8, 4, 'applied', 'c2')] : [row],
        ),
        commands: it.commands.map((one) => (one.id === 'c2' ? { ...one, outcome: 'applied' } : one)),
      }),
    ],
    [
      'a redriven delivery that passed what was before it in the lane',
      'I3: effects of a repository are not in log order',
      (it) => ({
        ...it,
        effects: it.effects.map((row) =>
          row.id === 3n ? { ...row, nth: 2n } : row.id === 4n ? { ...row, nth: 1n } : row,
        ),
      }),
    ],
    ['a command without a row', 'I4: records without exactly one audit row', (it) => withoutRow(it, 13)],
    [
      'a command that was applied at both of its places',
      'I4: commands without exactly one outcome',
      (it) => withRow(it, 9, { decision: 'applied' }),
    ],
    [
      'a command that was applied by the log and by the table',
      'I4: commands without exactly one outcome',
      (it) => withRow(it, 16, { commandId: 'c3' }),
    ],
    [
      'a duplicate before the command',
      'I4: commands without exactly one outcome',
      (it) =>
        withRow(withRow(withRow(it, 9, { decision: 'applied' }), 6, { decision: 'duplicate' }), 5, { offset: 5n }),
    ],
    [
      'a refused command that has done something',
      'I4: commands that have done something else',
      (it) => withRow(it, 17, { commandId: 'c2' }),
    ],
    [
      'an applied command that has done nothing',
      'I4: commands that have done something else',
      (it) => withoutRow(it, 12),
    ],
    [
      'an applied command that has done another thing',
      'I4: commands that have done something else',
      (it) => withRow(it, 16, { decision: 'retried' }),
    ],
    [
      'an applied command that has done it twice',
      'I4: commands that have done something else',
      (it) => ({ ...it, audit: it.audit.flatMap((row) => (row.id === 16n ? [row, { ...row, id: 17n }] : [row])) }),
    ],
    [
      'another decision about a death that was decided about before',
      'I4: decisions about the same death',
      (it) => ({
        ...it,
        commands: it.commands.map((one) => (one.id === 'c2' ? { ...one, outcome: 'applied' } : one)),
        audit: it.audit.map((row) => (row.id === 8n ? { ...row, decision: 'applied' } : row)),
        decisions: it.decisions.map((one) => (one.commandId === 'c2' ? { ...one, record: `${P}/0` } : one)),
      }),
    ],
    [
      'a command that was done to another delivery than it is about',
      'I4: commands that have done something else',
      (it) => ({
        ...it,
        decisions: [...it.decisions.slice(0, 2), decided('c3', 'discard', `${P}/0`), ...it.decisions.slice(3)],
      }),
    ],
    ['a command of the table without a row', 'I4: commands without exactly one outcome', (it) => withoutRow(it, 18)],
    [
      'a command that is kept with another outcome',
      'I4: commands that are kept with another outcome',
      (it) => ({ ...it, commands: [kept('c1', 'redrive', 'refused'), ...it.commands.slice(1)] }),
    ],
    [
      'a command that is not kept',
      'I4: commands that are kept with another outcome',
      (it) => ({ ...it, commands: it.commands.slice(1) }),
    ],
    [
      'a command that nobody has decided',
      'I4: commands that nobody has decided',
      (it) => ({ ...it, decisions: it.decisions.slice(1) }),
    ],
    [
      'a decision that is nowhere',
      'I1: decisions that were written',
      (it) => ({ ...it, decisions: [...it.decisions, decided('c9', 'retry')] }),
    ],
    [
      'a command that waits in the table',
      'I8: commands that nobody',
      (it) => ({
        ...withoutRow(it, 17),
        commands: it.commands.map((one) => (one.id === 'c5' ? { ...one, outcome: null } : one)),
      }),
    ],
    [
      'a lane that is held at the end',
      'I8: lanes that have not drained',
      (it) => ({ ...it, lanes: [{ key: 'k', state: 'held', records: 0n }] }),
    ],
    [
      'a delivery that ran while its repository was held',
      'I3: deliveries ran though',
      (it) => ({ ...it, audit: it.audit.toSorted((x, y) => Number(y.id === 16n) - Number(x.id === 16n)) }),
    ],
    [
      'a dead letter that no operator has skipped, of what does not outlast its attempts',
      'I9: deliveries died',
      (it) => ({ ...it, ledger: it.ledger.map((one) => ({ ...one, misdeed: null })) }),
    ],
  ];
  test.each(damages)('%s', (_, what, damage) => {
    expect(found(damage(redriven()), false)).toContainEqual(expect.stringContaining(what));
  });
});

describe('each damage to what was posted again is found', () => {
  const damages: [string, string, (it: Facts) => Facts][] = [
    [
      'a replay that ran and was not released',
      'I5: replays that nobody has released',
      (it) => withRow(it, 3, { decision: 'discarded' }),
    ],
    [
      'a replay that ran in its slice',
      'I4: audit rows that say what cannot be',
      (it) => withRow(it, 6, { decision: 'processed' }),
    ],
    [
      'a replay that ran once it was discarded',
      'I5: replays that nobody has released',
      (it) => ({ ...it, effects: [...it.effects, effect(5, 'effect', 3, 5, b)] }),
    ],
    [
      'a discarded replay that was held again',
      'I4: audit rows that say what cannot be',
      (it) => withRow(it, 9, { decision: 'held' }),
    ],
    [
      'a released replay that has not run',
      'I2: effects are missing',
      (it) => ({ ...it, effects: without(it.effects, 3) }),
    ],
    [
      'a released replay that has run twice',
      'I2: effects are there more often',
      (it) => ({ ...it, effects: [...it.effects, effect(5, 'effect', 3, 1, s)] }),
    ],
    [
      'a genuine delivery that is held for its replay',
      'I5: genuine deliveries',
      (it) => withRow(it, 1, { decision: 'held' }),
    ],
    [
      'a discarded replay that is not claimed',
      'I2: identities are not claimed',
      (it) => ({ ...it, claims: it.claims.slice(0, 2) }),
    ],
    [
      'a replay that is held, and is nowhere',
      'I1: below the stored offset',
      (it) => ({ ...withoutRow(withoutRow(it, 7), 8), held: [] }),
    ],
  ];
  test.each(damages)('%s', (_, what, damage) => {
    expect(found(damage(replays()), false)).toContainEqual(expect.stringContaining(what));
  });
});

describe('a log that is read again', () => {
  const log = [record(0, a), control(1, 'c1', 'hold'), { ...record(2, b), delivery: null }];
  const rows = ['reread', 'duplicate', 'dead-lettered'];
  const reread = (decisions: string[], after = 'x'): Reread => ({
    log,
    audit: decisions.map((decision, offset) => ({ partition: P, offset: BigInt(offset), decision })),
    hashes: { before: { claims: 'x', lanes: 'y' }, after: { claims: after, lanes: 'y' } },
  });
  const told = (it: Reread): string[] => nothingAgain(it).flatMap(({ what, examples }) => [what, ...examples]);

  test('and changes nothing is left alone', () => expect(told(reread(rows))).toEqual([]));
  test.each([
    ['a delivery that is decided anew', ['processed', ...rows.slice(1)], 'read again, and decided'],
    ['a command that is applied again', ['reread', 'applied', 'dead-lettered'], 'read again, and decided'],
    ['a record without a row', rows.slice(0, 2), 'read again, and decided'],
  ])('%s is found', (_, decisions, what) => {
    expect(told(reread(decisions))).toContainEqual(expect.stringContaining(what));
  });
  test('a table that is another is named', () => {
    expect(told(reread(rows, 'z'))).toEqual([expect.stringContaining('not as they were'), 'claims']);
  });
});
