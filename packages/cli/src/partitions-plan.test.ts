import { HALT_REASONS } from '@hookline/contracts';
import type { ResumeFrom } from '@hookline/database';
import { describe, expect, it } from '@jest/globals';
import { planResume, type HaltedState } from './partitions-plan.ts';

const STORED: ResumeFrom = { from: 'stored', offset: null };
const LOG_START: ResumeFrom = { from: 'log-start', offset: null };
const at = (offset: bigint): ResumeFrom => ({ from: 'offset', offset });

function halted(
  reason: string,
  nextOffset: bigint | null,
  start: bigint,
  end: bigint,
  committed: bigint | null = null,
) {
  return { reason, nextOffset, log: { start, end, committed } };
}

function effectsOf(state: HaltedState, choice: ResumeFrom): string {
  const plan = planResume(state, choice);
  if (!plan.success) throw new Error(plan.problem);
  return plan.effects.join('\n');
}

describe('the plan of a resume', () => {
  it.each(['LOG_TOO_SHORT', 'LOG_EXPIRED', 'DATABASE_WITHOUT_OFFSET'])(
    'refuses the stored offset for %s, which would halt again, and names what there is',
    (reason) => {
      const plan = planResume(halted(reason, 5n, 0n, 9n), STORED);
      expect(plan).toEqual({
        success: false,
        problem: expect.stringMatching(/stored offset; use --from log-start or --from <offset>/),
      });
    },
  );

  it.each(['RECORD_REFUSED', 'OFFSET_MOVED'])('refuses the log’s start for %s, where nothing was lost', (reason) => {
    expect(planResume(halted(reason, 5n, 0n, 9n), LOG_START).success).toBe(false);
  });

  it('refuses an offset that the log does not have, with what it has', () => {
    for (const choice of [at(9n), at(31n)]) {
      const plan = planResume(halted('LOG_EXPIRED', 5n, 10n, 30n), choice);
      expect(plan).toMatchObject({ success: false, problem: expect.stringContaining('which has 10 to 30') });
    }
    expect(planResume(halted('LOG_EXPIRED', 5n, 10n, 30n), at(30n)).success).toBe(true);
    expect(planResume(halted('DATABASE_BEHIND', 5n, 10n, 30n), STORED).success).toBe(false);
  });

  it('refuses what is stored where nothing is', () => {
    expect(planResume(halted('LOG_DISCONTINUED', null, 0n, 9n), STORED).success).toBe(false);
  });

  it('says what has gone, what is passed over and what comes', () => {
    expect(effectsOf(halted('LOG_EXPIRED', 5n, 10n, 30n), at(12n))).toBe(
      'Gone from the log, and never processed: 5 records, offsets 5 to 9.\n' +
        'Never processed by this database, though in the log: 2 records, offsets 10 to 11.\n' +
        'Then to be read: 18 records, offsets 12 to 29.',
    );
  });

  it('says what is read again', () => {
    expect(effectsOf(halted('DATABASE_BEHIND', 20n, 0n, 30n, 25n), LOG_START)).toBe(
      'Read again, as duplicates where they were processed: 20 records, offsets 0 to 19.\n' +
        'Then to be read: 30 records, offsets 0 to 29.',
    );
  });

  it('says that a refused record is passed over', () => {
    expect(effectsOf(halted('RECORD_REFUSED', 7n, 0n, 8n), at(8n))).toBe(
      'Never processed by this database, though in the log: 1 record, offset 7.\n' +
        'Then nothing is to be read until a record comes.',
    );
  });

  it('says what may run again where the database has forgotten everything', () => {
    expect(effectsOf(halted('DATABASE_WITHOUT_OFFSET', null, 0n, 30n, 20n), at(10n))).toContain(
      'Run again, unless this database knows it as processed: 10 records, offsets 10 to 19',
    );
  });

  it('compares no offsets of two logs', () => {
    const effects = effectsOf(halted('LOG_DIFFERS', 20n, 0n, 30n), LOG_START);
    expect(effects).toContain('another one than before');
    expect(effects).not.toContain('gain, as duplicates');
  });

  it('works without Kafka, and says that it knows nothing then', () => {
    const blind = { reason: 'DATABASE_BEHIND', nextOffset: 20n, log: null };
    expect(planResume(blind, STORED)).toMatchObject({ success: true, target: 20n });
    expect(planResume(blind, LOG_START)).toMatchObject({ success: true, target: null });
    expect(effectsOf(blind, STORED)).toContain('Kafka could not be asked');
  });

  // One that left no choice could never be ended by its operator.
  it.each(HALT_REASONS)('has a way on for %s', (reason) => {
    const nextOffset = reason === 'DATABASE_WITHOUT_OFFSET' ? null : 40n;
    expect(planResume(halted(reason, nextOffset, 0n, 50n), at(0n)).success).toBe(true);
  });
});
