import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideResume, type ResumeState } from './decide-resume.ts';
import type { ResumeCommand, ResumeFrom } from './request-resume.ts';

const STORED: ResumeFrom = { from: 'stored', offset: null };
const LOG_START: ResumeFrom = { from: 'log-start', offset: null };
const at = (offset: bigint): ResumeFrom => ({ from: 'offset', offset });

function command(resume: ResumeFrom, reason = 'LOG_DIFFERS', nextOffset: bigint | null = 100n): ResumeCommand {
  return { commandId: 'id', resume, decidedReason: reason, decidedNextOffset: nextOffset, actor: 'me', why: 'so' };
}

function state(
  reason = 'LOG_DIFFERS',
  nextOffset: bigint | null = 100n,
  given: Partial<ResumeState> = {},
): ResumeState {
  return {
    halt: { reason, nextOffset },
    stored: nextOffset === null ? null : { nextOffset },
    log: { start: 40n, end: 200n, committed: null },
    ...given,
  };
}

describe('a human’s decision about a halted partition', () => {
  it.each([
    ['stored', STORED, 100n],
    ['the beginning of the log', LOG_START, 40n],
    ['an offset', at(60n), 60n],
    ['the end of the log, which skips what is there', at(200n), 200n],
  ])('goes on from what it says: %s', (_, resume, nextOffset) => {
    expect(decideResume(command(resume), state())).toEqual({
      resume: true,
      nextOffset,
      newIncarnation: true,
      acceptedCommitted: null,
    });
  });

  it.each([
    ['LOG_TOO_SHORT', true],
    ['LOG_DIFFERS', true],
    ['LOG_DISCONTINUED', true],
    ['LOG_EXPIRED', false],
    ['DATABASE_BEHIND', false],
    ['OFFSET_MOVED', false],
  ])('begins a new incarnation where the log is another one: after %s, %s', (reason, newIncarnation) => {
    expect(decideResume(command(at(60n), reason), state(reason))).toMatchObject({ resume: true, newIncarnation });
  });

  it('goes on where the database knew nothing, from the log only', () => {
    const lost = state('DATABASE_WITHOUT_OFFSET', null);
    const decided = (resume: ResumeFrom) => decideResume(command(resume, 'DATABASE_WITHOUT_OFFSET', null), lost);
    expect(decided(LOG_START)).toMatchObject({ resume: true, nextOffset: 40n });
    expect(decided(at(60n))).toMatchObject({ resume: true, nextOffset: 60n });
    expect(decided(STORED)).toEqual({
      resume: false,
      detail: 'The database has no offset of this partition to go on from.',
    });
  });

  // Otherwise the partition would halt again at once, for a database that is behind.
  it.each([
    [150n, 150n],
    [101n, 101n],
    [100n, null],
    [7n, null],
    [null, null],
  ])('accepts that the group had committed %s where it goes back to 100: %s', (committed, acceptedCommitted) => {
    const log = { start: 40n, end: 200n, committed };
    expect(decideResume(command(STORED), state('LOG_DIFFERS', 100n, { log }))).toMatchObject({ acceptedCommitted });
  });

  it.each([
    ['nothing halted', command(STORED), state('x', 1n, { halt: null }), 'The partition is not halted.'],
    [
      'another reason',
      command(STORED, 'LOG_EXPIRED'),
      state(),
      'Decided on LOG_EXPIRED at offset 100, but the partition is halted for LOG_DIFFERS at offset 100.',
    ],
    [
      'another offset',
      command(STORED, 'LOG_DIFFERS', 99n),
      state(),
      'Decided on LOG_DIFFERS at offset 99, but the partition is halted for LOG_DIFFERS at offset 100.',
    ],
    [
      'an offset that appeared',
      command(LOG_START, 'DATABASE_WITHOUT_OFFSET', null),
      state('DATABASE_WITHOUT_OFFSET', null, { stored: { nextOffset: 5n } }),
      'The partition halted at offset none, and is at 5 now.',
    ],
    [
      'work that has gone on',
      command(STORED),
      state('LOG_DIFFERS', 100n, { stored: { nextOffset: 120n } }),
      'The partition halted at offset 100, and is at 120 now.',
    ],
    ['what has expired', command(at(39n)), state(), 'Offset 39 is not in the log, which has 40 to 200.'],
    ['what is not there yet', command(at(201n)), state(), 'Offset 201 is not in the log, which has 40 to 200.'],
  ])('is refused on %s: nobody has decided about that', (_, decided, found, detail) => {
    expect(decideResume(decided, found)).toEqual({ resume: false, detail });
  });

  it('never leads out of the log, and never to a partition in another state than was decided on', () => {
    const offset = fc.bigInt({ min: 0n, max: 6n });
    const maybe = fc.option(offset);
    const reason = fc.constantFrom('LOG_DIFFERS', 'LOG_EXPIRED', 'DATABASE_WITHOUT_OFFSET');
    const from = fc.oneof(fc.constantFrom(STORED, LOG_START), offset.map(at));
    fc.assert(
      fc.property(
        fc.tuple(from, reason, maybe),
        fc.option(fc.record({ reason, nextOffset: maybe })),
        fc.option(fc.record({ nextOffset: offset })),
        fc.record({ start: offset, end: offset, committed: maybe }).filter(({ start, end }) => start <= end),
        ([resume, decidedReason, decidedNextOffset], halt, stored, log) => {
          const decision = decideResume(command(resume, decidedReason, decidedNextOffset), { halt, stored, log });
          if (!decision.resume) return;
          expect(decision.nextOffset >= log.start && decision.nextOffset <= log.end).toBe(true);
          expect(halt).toEqual({ reason: decidedReason, nextOffset: decidedNextOffset });
          expect(stored?.nextOffset ?? null).toBe(decidedNextOffset);
          // What `decideStart` compares: it does not halt for the same committed offset again.
          const seen = decision.acceptedCommitted ?? decision.nextOffset;
          expect(log.committed === null || log.committed <= seen).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
