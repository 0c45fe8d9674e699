import type { LedgerEntry, Sending } from '../../traffic/ledger.ts';
import { check } from '../check.ts';
import type { AuditRow, Claim, DeadLetter, Effect, Facts, LogRecord } from '../facts.ts';

export const P = 't/0';

const GUIDS = ['a', 'b', 'c', 'd'].map((it) => it.repeat(8));

export function record(offset: number, guid: string, event = 'issues'): LogRecord {
  return {
    partition: P,
    offset: BigInt(offset),
    delivery: { key: 'k', guid, digest: `digest of ${guid}`, event },
    command: null,
    isEndMark: false,
  };
}

export function entry(guid: string, changes: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    guid,
    key: 'k',
    event: 'issues',
    digest: `digest of ${guid}`,
    poisoned: false,
    misdeed: null,
    sendings: [sending(202, 1)],
    ...changes,
  };
}

export function sending(status: number, endedAt: number, reset = false): Sending {
  return { status, reset, startedAt: endedAt - 1, endedAt };
}

export function claim(guid: string, offset: number, changes: Partial<Claim> = {}): Claim {
  const place = { partition: P, offset: BigInt(offset) };
  return { guid, digest: `digest of ${guid}`, ...place, outcome: 'processed', claimedAt: offset + 2, ...changes };
}

export function audit(id: number, offset: number, decision: string, changes: Partial<AuditRow> = {}): AuditRow {
  const guid = [a, b, a, c, d, d][offset] ?? null;
  return {
    id: BigInt(id),
    stage: 'log',
    decision,
    partition: P,
    offset: BigInt(offset),
    by: P,
    epoch: 1n,
    key: 'k',
    handler: null,
    attempt: null,
    detail: null,
    guid,
    digest: guid && `digest of ${guid}`,
    commandId: null,
    effectId: null,
    ...changes,
  };
}

export const by = (partition: string, epoch: number) => ({
  writtenAs: `hookline/abc/${partition}/${epoch}`,
  owner: { partition, epoch: BigInt(epoch) },
});

export function effect(id: number, handler: string, nth: number, offset: number, guid: string, epoch = 1): Effect {
  const written = { partition: P, offset: BigInt(offset), ...by(P, epoch) };
  return { id: BigInt(id), handler, key: 'k', nth: BigInt(nth), guid, ...written };
}

const [a, b, c, d] = GUIDS as [string, string, string, string];

export { a, b, d };

/** Three deliveries were handled, one of them came twice and once more too late, and one had nobody to ask for it. */
export function right(): Facts {
  return {
    from: new Map(),
    restoredAt: 0,
    generations: [{ topic: 't', partitions: 1, state: 'active' }],
    behindEnds: [],
    ledger: [
      entry(a, { sendings: [sending(202, 1), sending(202, 2), sending(409, 10)] }),
      entry(b),
      entry(c, { event: 'fork' }),
      entry(d),
    ],
    log: [record(0, a), record(1, b), record(2, a), record(3, c, 'fork'), record(4, d)],
    offsets: [{ partition: P, nextOffset: 5n, epoch: 2n }],
    audit: [
      audit(1, 0, 'processed'),
      audit(2, 1, 'processed'),
      audit(3, 2, 'duplicate'),
      audit(4, 3, 'ignored', { epoch: 2n }),
      audit(5, 4, 'processed', { epoch: 2n }),
    ],
    effects: [
      effect(1, 'effect', 1, 0, a),
      effect(2, 'effect', 2, 1, b),
      effect(3, 'project', 1, 0, a),
      effect(4, 'project', 2, 1, b),
      effect(5, 'effect', 3, 4, d, 2),
      effect(6, 'project', 3, 4, d, 2),
    ],
    claims: [claim(a, 0), claim(b, 1), claim(d, 4)],
    aged: [],
    staleEffects: [],
    takeovers: [
      { partition: P, epoch: 1n },
      { partition: P, epoch: 2n },
    ],
    lanes: [],
    waiting: [],
    deadLetters: [],
    held: [],
    commands: [],
    decisions: [],
  };
}

/** The last delivery failed for ever in one handler: it was parked, tried, died there, came again, and died again. */
export function rightWithDeath(): Facts {
  const facts = right();
  const letter: DeadLetter = {
    partition: P,
    offset: 4n,
    keptAt: P,
    handler: 'effect',
    reason: 'handler-failed',
    attempts: 8,
    state: 'dead',
    settledAt: null,
  };
  return {
    ...facts,
    claims: [...facts.claims.slice(0, 2), claim(d, 4, { outcome: 'dead' })],
    ledger: [
      ...facts.ledger.slice(0, 3),
      entry(d, {
        poisoned: true,
        misdeed: { does: 'fail', in: 'effect', forMs: null },
        sendings: [sending(202, 1), sending(202, 30, true)],
      }),
    ],
    audit: [
      ...facts.audit.slice(0, 4),
      audit(5, 4, 'parked', { epoch: 2n }),
      audit(6, 4, 'retried', { epoch: 2n, stage: 'lane' }),
      audit(7, 4, 'dead-lettered', { epoch: 2n, stage: 'lane', handler: 'effect' }),
      audit(8, 5, 'reset', { epoch: 2n }),
      audit(9, 4, 'dead-lettered', { epoch: 2n, stage: 'lane', handler: 'effect' }),
    ],
    log: [...facts.log, record(5, d)],
    offsets: [{ partition: P, nextOffset: 6n, epoch: 2n }],
    effects: facts.effects.filter(({ id }) => id !== 5n),
    deadLetters: [letter],
  };
}

export const found = (facts: Facts, onlyHandlersFailed = true): string[] =>
  check(facts, { onlyHandlersFailed }).violations.map(({ invariant, what }) => `${invariant}: ${what}`);

export const without = <T>(all: readonly T[], index: number): T[] => all.filter((_, i) => i !== index);
