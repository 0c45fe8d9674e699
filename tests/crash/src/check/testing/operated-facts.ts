import type { Decision } from '../../operators/book.ts';
import type { AuditRow, Command, DeadLetter, Facts, LogRecord } from '../facts.ts';
import { audit, claim, effect, entry, P, record, right, sending } from './right-facts.ts';

// What operators decide, told right.

export const [a, b, r, s] = ['a', 'b', 'r', 's'].map((it) => it.repeat(8)) as [string, string, string, string];
const DIES = { does: 'fail', in: 'effect', forMs: 5000, outlasts: true } as const;

export function control(offset: number, id: string, name: string): LogRecord {
  return {
    partition: P,
    offset: BigInt(offset),
    delivery: null,
    command: { id, name, actor: 'crash' },
    isEndMark: false,
  };
}

export function decided(commandId: string, command: Decision['command'], record: string | null = null): Decision {
  return { commandId, command, via: 'log', times: 1, at: 0, confirmed: true, record, generation: 1, about: '' };
}

export const kept = (id: string, name: string, outcome = 'applied'): Command => ({
  id,
  name,
  state: '',
  outcome,
  via: 'log',
  actor: 'crash',
});

/** Row of stage `log` about a command. */
export const said = (id: number, offset: number, decision: string, commandId: string): AuditRow =>
  audit(id, offset, decision, { guid: null, digest: null, commandId });

/** What a command did to a delivery. */
export const did = (
  id: number,
  offset: number,
  decision: string,
  commandId: string,
  guid: string,
  handler: string | null,
) =>
  audit(id, offset, decision, {
    stage: 'operator',
    guid,
    digest: `digest of ${guid === s ? r : guid}`,
    commandId,
    handler,
  });

export const letter = (offset: number, state: string): DeadLetter => ({
  ...{ partition: P, offset: BigInt(offset), keptAt: P, handler: 'effect', reason: 'handler-failed', attempts: 8 },
  ...{ state, settledAt: state === 'dead' ? null : 1 },
});

export const inLane = (id: number, offset: number, decision: string, guid: string, handler: string | null = null) =>
  audit(id, offset, decision, { stage: 'lane', guid, digest: `digest of ${guid === s ? r : guid}`, handler });

export const facts = (changes: Partial<Facts>): Facts => ({
  ...right(),
  takeovers: [{ partition: P, epoch: 1n }],
  ...changes,
});

/**
 * One delivery died in a handler, was redriven by two commands (the second is refused) and ran behind one that came
 * meanwhile; another died and was discarded, and came again; one command was in the log twice, another in the table.
 */
export function redriven(): Facts {
  const log = [
    record(0, a),
    record(1, b),
    control(2, 'c1', 'redrive'),
    record(3, r),
    control(4, 'c2', 'redrive'),
    control(5, 'c1', 'redrive'),
    control(6, 'c3', 'discard'),
    record(7, b),
    record(8, a),
  ];
  return facts({
    ledger: [
      entry(a, { poisoned: true, misdeed: DIES, sendings: [sending(202, 1), sending(202, 2)] }),
      entry(b, { poisoned: true, misdeed: DIES, sendings: [sending(202, 1), sending(202, 2)] }),
      entry(r),
    ],
    log,
    offsets: [{ partition: P, nextOffset: 9n, epoch: 1n }],
    audit: [
      audit(1, 0, 'parked', { guid: a, digest: `digest of ${a}` }),
      inLane(2, 0, 'dead-lettered', a, 'effect'),
      audit(3, 1, 'parked', { guid: b, digest: `digest of ${b}` }),
      inLane(4, 1, 'dead-lettered', b, 'effect'),
      did(5, 2, 'redriven', 'c1', a, 'effect'),
      said(6, 2, 'applied', 'c1'),
      audit(7, 3, 'parked', { guid: r, digest: `digest of ${r}` }),
      said(8, 4, 'refused', 'c2'),
      said(9, 5, 'duplicate', 'c1'),
      inLane(10, 0, 'processed', a),
      inLane(11, 3, 'processed', r),
      did(12, 6, 'discarded', 'c3', b, 'effect'),
      said(13, 6, 'applied', 'c3'),
      audit(14, 7, 'duplicate', { guid: b, digest: `digest of ${b}` }),
      audit(15, 8, 'duplicate', { guid: a, digest: `digest of ${a}` }),
      // By the table: the lane of a key is held, and released, and one of them too late.
      audit(16, 9, 'held', { stage: 'operator', guid: null, digest: null, commandId: 'c4' }),
      audit(17, 9, 'released', { stage: 'operator', guid: null, digest: null, commandId: 'c5' }),
      audit(18, 9, 'refused', { stage: 'partition', guid: null, digest: null, commandId: 'c6' }),
    ],
    effects: [
      effect(1, 'project', 1, 0, a),
      effect(2, 'project', 2, 1, b),
      effect(3, 'effect', 1, 0, a),
      effect(4, 'effect', 2, 3, r),
      effect(5, 'project', 3, 3, r),
    ],
    claims: [claim(a, 0, { outcome: 'dead' }), claim(b, 1, { outcome: 'dead' }), claim(r, 3)],
    deadLetters: [letter(0, 'redriven'), letter(1, 'discarded')],
    commands: [
      ...[kept('c1', 'redrive'), kept('c2', 'redrive', 'refused'), kept('c3', 'discard')],
      ...[kept('c4', 'hold'), kept('c5', 'release'), kept('c6', 'release', 'refused')],
    ],
    decisions: [
      ...[decided('c1', 'redrive', `${P}/0`), decided('c2', 'redrive'), decided('c3', 'discard', `${P}/1`)],
      ...[decided('c4', 'hold'), decided('c5', 'release'), decided('c6', 'release')],
    ],
  });
}

export const withLetters = (it: Facts, ...states: string[]): Facts => ({
  ...it,
  deadLetters: states.map((state, offset) => letter(offset, state)),
});
